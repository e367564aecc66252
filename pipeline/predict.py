"""`mnist-cn predict`: the digits on photos, read by the trained networks; what is not sure is said to be."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.answers import Answers, as_csv, as_json
from pipeline.asked import entries_of, told_apart
from pipeline.atomic import write_text
from pipeline.digits import SIDE
from pipeline.errors import BadInputError
from pipeline.outputs import STDOUT, answered_places, check_texts
from pipeline.params import Sheets
from pipeline.read_folders import raw_above
from pipeline.reader.collection import Entry, Photo, Settings
from pipeline.reader.normalizations import VERSIONS
from pipeline.reader.photo import Rgb
from pipeline.reader.read import Reading, read_photo
from pipeline.reader.records import Reason
from pipeline.reading import failed

if TYPE_CHECKING:
    from pipeline.learning.ensemble import Card


def limits_of(card: "Card", path: Path) -> Sheets:
    """Return how photos must be read for a model: as its own were.

    Raises
    ------
    BadInputError
        If the model does not say it, or says a normalisation that is not this version's.
    """
    if card.reader is None:
        raise BadInputError(
            f"{path}: expected `reader`, which says how photos are read for this model, found none: an earlier version "
            "made it; run `dvc repro train`"
        )
    ours = VERSIONS[card.reader.sheets.normalize]
    if card.reader.normalisation != ours:
        raise BadInputError(
            f"{path}: expected a model for digits that are normalised as `{ours}`, got one for "
            f"`{card.reader.normalisation}`: another version made it; run `dvc repro`, or install that version"
        )
    return card.reader.sheets


def safely_read(entry: Entry, limits: Sheets) -> tuple[Reading, Rgb | None]:
    """Read a photo; whatever goes wrong is a reject."""
    if not isinstance(entry, Photo):
        name, reject = entry
        return Reading(Photo(Path(name), name, "", Settings()), [], [reject]), None
    try:
        return read_photo(entry, limits)
    except Exception as error:
        return failed(entry, error), None


def predict(
    photos: list[Path],
    stated: dict[str, Any],
    *,
    models: Path,
    threshold: float,
    out: Path | None,
    json: Path | None,
    csv: Path | None,
) -> bool:
    """Read the digits on photos, print and draw them; return whether any digit was read.

    Parameters
    ----------
    photos : list of Path
        Photos, or folders of photos.
    stated : dict
        Keys of sheets.yaml that count instead of what it says.
    models : Path
        The folder with model.json and its weights.
    threshold : float
        A digit that is less probable is not read.
    out, json, csv : Path or None
        What to write: a picture or a folder of pictures, and what was found; ``-`` prints it instead of lines.

    Raises
    ------
    BadInputError
        If there is no photo or no usable model, what is stated is not valid, or what is to be written would lie
        over a photo or where photos are read from.
    """
    from pipeline.learning.device import exact
    from pipeline.learning.ensemble import CARD, load_ensemble

    entries = told_apart([entry for place in photos for entry in entries_of(place, stated)])
    if not entries:
        raise BadInputError(f"{photos[0]}: expected photos, found none; name a photo, or a folder of photos")
    places = answered_places(entries, photos, out)
    check_texts(json, csv, entries)
    ensemble = load_ensemble(models)
    limits, quiet, found = limits_of(ensemble.card, models / CARD), STDOUT in (json, csv), []
    for entry in entries:
        reading, rgb = safely_read(entry, limits)
        images = np.array([digit.image for digit in reading.digits], np.uint8).reshape(-1, SIDE, SIDE)
        with exact(seed=0):  # nothing here is random
            answers = Answers.of(reading, ensemble.predict(images), threshold)
        found.append(answers)
        told = [*answers.told(), *_advice(answers, reading.photo)]
        if rgb is not None:
            told.append(f"  see {_draw(answers, rgb, places[reading.photo.name])}")
        if not quiet:
            print("\n".join(told), flush=True)
    if not quiet and any(answers.answers for answers in found):
        print(next_step(photos, threshold))
    for place, text in ((json, as_json(found, threshold)), (csv, as_csv(found))):
        if place == STDOUT:
            print(text, end="")
        elif place is not None:
            write_text(place, text)
    return any(answers.read for answers in found)


def next_step(photos: list[Path], threshold: float) -> str:
    """Return what to do with answers, in a line."""
    how = f"next: --threshold sets how sure an answer must be (now {threshold:g})"
    if all(raw_above(place) is not None for place in photos):
        return f"{how}; these photos lie in raw/: networks that were trained on them read them better than new ones"
    return f"{how}; to train on such photos, put them into raw/<collection>/ and `mnist-cn check raw/<collection>`"


def _advice(answers: Answers, photo: Photo) -> list[str]:
    """Say which option may help where a photo as a whole could not be read."""
    reasons = {reject.reason for reject in answers.rejects}
    if Reason.TURN_UNSURE in reasons:
        return [
            "  which way is up? --turn 0: the photo as it is; 90, 180, 270: degrees clockwise that bring it upright"
        ]
    if Reason.NOT_REGISTERED in reasons and photo.settings.layout == "template":
        return [
            "  no printed sheet? --layout rows: plain or lined paper, grid: a ruled table, crops: one digit a photo"
        ]
    return []


def _draw(answers: Answers, rgb: Rgb, path: Path) -> Path:
    from pipeline.pictures.answered import Said, answered
    from pipeline.pictures.contact import save

    said = [
        Said(one.digit.corners, "?" if one.prediction is None else str(one.prediction), one.confidence, sure=sure)
        for one in answers.answers
        for sure in (one.prediction is not None,)
    ]
    said += [
        Said(reject.corners, str(reject.reason), None, sure=False)
        for reject in answers.rejects
        if reject.corners is not None and reject.reason is not Reason.BLANK
    ]
    save(answered(rgb, said), path)
    return path
