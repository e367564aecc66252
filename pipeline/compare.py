"""Command `compare`: did a change help? Two revisions' predictions, paired digit by digit."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from pipeline import digits as digit_table
from pipeline import gain, pairing, prediction_columns, scores
from pipeline import params as parameters
from pipeline.errors import BadInputError
from pipeline.versioned import WORKSPACE, Revision, open_revision

IDLE = ("sweep.", "parallel.", "audit.", "evaluate.robustness_digits", "evaluate.gap_digits")  # change no prediction


def flat(section: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return nested parameters with dotted keys: ``{"train": {"seed": 0}}`` gives ``{"train.seed": 0}``."""
    found: dict[str, Any] = {}
    for key, value in section.items():
        found |= flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return found


def changed(before: dict[str, Any], after: dict[str, Any]) -> dict[str, list[Any]]:
    """Return the parameters that differ, dotted, each with both values; None where there was no such key.

    Those that change no prediction are left out; ``evaluate.tracked_digits`` does, of which `augment` draws more.
    """
    old, new = ({k: value for k, value in flat(side).items() if not k.startswith(IDLE)} for side in (before, after))
    return {key: [old.get(key), new.get(key)] for key in sorted(old | new) if old.get(key) != new.get(key)}


def readings_of(both: pairing.Paired) -> gain.Readings:
    """Return the paired digits as plain arrays; writers as the later revision names them."""
    labels = digit_table.labels(both.after)
    before, after = (table.column("prediction").to_numpy() for table in (both.before, both.after))
    return gain.Readings(labels, before, after, digit_table.strings(both.after, "writer"))


def train_changes(before: pa.Table, after: pa.Table) -> dict[str, Any]:
    """Return which train rows were added and removed, counted by source, photo and writer, and how many relabelled."""
    removed, added, relabelled = pairing.differing(before, after)
    return {"added": pairing.counts(added), "removed": pairing.counts(removed), "relabelled": len(relabelled)}


def compared(tables: tuple[pa.Table, pa.Table], names: tuple[str, str], *, common: bool) -> pairing.Paired:
    """Pair two prediction tables.

    Raises
    ------
    BadInputError
        If their test rows differ and ``common`` is false, or no digit is in both.
    """
    both = pairing.paired(*tables)
    if (any(both.left_out.values()) and not common) or not len(both.before):
        raise BadInputError(pairing.refusal(*tables, names))
    return both


def demand_unseen(both: pairing.Paired, train: dict[str, pa.Table]) -> None:
    """Raise BadInputError where a compared digit, or its writer, was trained on by the named revision."""
    for name, rows in train.items():
        if seen := pairing.seen_in_training(both, rows):
            raise BadInputError(
                f"{name}: expected test digits by writers that neither revision was trained on, got {len(seen):,} "
                f"that {name} was trained on, such as {seen[0]}; compare revisions with the same writers set aside"
            )


def compare(
    before: str,
    after: str,
    *,
    common: bool,
    as_json: bool,
    out: Path | None,
    source: str | None,
    params: Path,
    predictions: str,
    digits: str,
) -> None:
    """Print what changed between two revisions, and draw it.

    Parameters
    ----------
    before, after : names of revisions
    common : compare on the test digits that both have, where they differ
    as_json : print JSON instead of tables
    out, source : the picture, and whose digits it shows
    params : has evaluate.tracked_digits
    predictions, digits : paths within each revision

    Raises
    ------
    BadInputError
        If a file is not there, or the two cannot be compared.
    """
    if source is not None and out is None:
        raise BadInputError("--source: expected --out FILE.png beside it, got none; all sources are printed")
    tracked = parameters.load(params).evaluate.tracked_digits
    sides = [open_revision(name) for name in (before, after)]
    contents = [side.read(predictions) for side in sides]
    first, second = (
        pairing.loaded(content, (*pairing.READ, *prediction_columns.NAMES), f"{side.name}: {predictions}")
        for side, content in zip(sides, contents, strict=True)
    )
    both = compared((first, second), (before, after), common=common)
    train = [pairing.trained_rows(_digits(side, digits, pairing.TRAINED)) for side in sides]
    demand_unseen(both, dict(zip((before, after), train, strict=True)))
    report = {
        **{key: _named(side) for key, side in zip(("before", "after"), sides, strict=True)},
        "same_predictions": contents[0] == contents[1],
        "left_out": both.left_out,
        "parameters": changed(*(_parameters(side) for side in sides)),
        "train": train_changes(*train),
        "sources": _shown(gain.by_source(readings_of(both), _sources(both), tracked), sides[1]),
    }
    if out is not None:
        _draw(out, report, both, source, _digits(sides[1], digits, ("id", "image")))
    _print(report, out, as_json=as_json)


def _print(report: dict[str, Any], out: Path | None, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(report, indent=2, ensure_ascii=False, allow_nan=False))
        return
    from rich.console import Console

    from pipeline.pictures.gain_tables import tables

    Console().print(tables(report))
    if out is not None:
        print(out)
    if report["after"]["revision"] == WORKSPACE and not report["same_predictions"]:
        print(next_step({entry["verdict"] for entry in report["sources"].values()}))


def next_step(verdicts: set[str]) -> str:
    """Return what to do after a comparison of what lies here with a commit, in a line."""
    if "hurt" in verdicts:
        return "next: look at what broke (`mnist-cn compare --out gain.png`) and at labels in doubt (`mnist-cn review`)"
    keep = "`git add . && git commit` keeps this run, and the next is compared with it"
    return f"next: {keep}" if "helped" in verdicts else f"next: collect more, rather by other writers; {keep}"


def _draw(out: Path, report: dict[str, Any], both: pairing.Paired, source: str | None, table: pa.Table) -> None:
    from pipeline.pictures import before_after

    groups = scores.groups(_sources(both))
    name = source or (scores.HANDWRITING if scores.HANDWRITING in groups else scores.MNIST)
    if name not in groups:
        raise BadInputError(f"--source: expected one of {', '.join(groups)}, got `{name}`")
    chosen = groups[name]
    place = {key: index for index, key in enumerate(table.column("id").to_pylist())}
    ids = [key for key, taken in zip(both.after.column("id").to_pylist(), chosen, strict=True) if taken]
    images = digit_table.images(table.take(pa.array([place[key] for key in ids], pa.int64())))
    confidence = [prediction_columns.probabilities_of(side).max(axis=1)[chosen] for side in (both.before, both.after)]
    names = (report["before"]["revision"], report["after"]["revision"])
    read = before_after.Compared(readings_of(both).of(chosen), images, *confidence)
    before_after.draw(out, read, report["sources"][name], names)


def _digits(side: Revision, path: str, columns: tuple[str, ...]) -> pa.Table:
    return pairing.loaded(side.read(path), columns, f"{side.name}: {path}")


def _sources(both: pairing.Paired) -> list[str]:
    return [str(name) for name in digit_table.strings(both.after, "source")]


def _named(side: Revision) -> dict[str, str | None]:
    return {"revision": side.name, "commit": side.commit}


def _parameters(side: Revision) -> dict[str, Any]:
    try:
        content: dict[str, Any] = YAML(typ="safe", pure=True).load(side.read("params.yaml").decode())
    except (YAMLError, UnicodeDecodeError) as error:
        raise BadInputError(
            f"{side.name}: params.yaml: expected valid YAML, got: {' '.join(str(error).split())}; name another"
        ) from error
    return content


def _shown(sources: dict[str, dict[str, Any]], side: Revision) -> dict[str, dict[str, Any]]:
    """Put first in each source's entry the name to show, which tells where digits were drawn by the simulator."""
    from pipeline.pictures.summary import shown_name

    sheets = json.loads(side.read("metrics/sheets.json"))
    return {name: {"shown_as": shown_name(name, sheets, sources), **entry} for name, entry in sources.items()}
