"""Commands for people: `mnist-cn …`. The pipeline itself runs with `dvc repro`."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.checked import Section, validated
from pipeline.errors import BadInputError
from pipeline.params import load as load_params
from pipeline.simulate.camera import Severity
from pipeline.template import Paper, geometry

if TYPE_CHECKING:
    from pipeline.reader.photo import Rgb
    from pipeline.reader.read import Reading

app = typer.Typer(no_args_is_help=True, help=__doc__, pretty_exceptions_enable=False)


@app.command()
def template(
    out: Annotated[Path | None, typer.Option(help="The PDF to write.")] = None,
    paper: Annotated[Paper, typer.Option(help="Paper size.")] = "a4",
    as_json: Annotated[bool, typer.Option("--json", help="Print the sheet's geometry in millimetres instead.")] = False,
) -> None:
    """Write the sheet to print: `mnist-cn template --out sheet.pdf`."""
    sheet = geometry(paper)
    if as_json:
        print(json.dumps(sheet.as_json(), indent=2))
    elif out is None:
        raise BadInputError("expected --out FILE.pdf or --json, got neither")
    else:
        from pipeline.pictures.template_pdf import write_pdf

        write_pdf(sheet, out)
        print(f"{out}: print it at 100 %, fill it in, photograph it, put the photo into raw/<collection>/")


@app.command()
def simulate(
    out: Annotated[Path, typer.Option(help="Folder for photos (writer-NN.jpg) and truth (writer-NN.json).")],
    count: Annotated[int, typer.Option(min=1, help="How many photos, a writer each.")] = 10,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same bytes.")] = 0,
    severity: Annotated[Severity, typer.Option(help="How bad light, camera and hand are.")] = "ordinary",
) -> None:
    """Draw filled-in sheets and photograph them: `mnist-cn simulate --out photos --count 3`."""
    from pipeline.simulate.photos import write

    write(out, count, seed, severity)
    print(f"{out}: {count} simulated photos with their truth; never mistake numbers on them for handwriting")


@app.command()
def check(
    photo: Annotated[Path, typer.Argument(help="The photo.")],
    *,
    out: Annotated[Path | None, typer.Option(help="The annotated picture; by default <photo>-check.jpg here.")] = None,
    layout: Annotated[str | None, typer.Option(help="template, rows or crops; else what sheets.yaml says.")] = None,
    label: Annotated[str | None, typer.Option(help="The digit on the whole photo, or from-name.")] = None,
    rows: Annotated[str | None, typer.Option(help="The digits of each row, commas between: 12345,67890.")] = None,
    params: Annotated[Path, typer.Option(help="The parameters.")] = Path("params.yaml"),
) -> None:
    """Show what the reader would do with one photo: `mnist-cn check IMG_1.jpg --layout rows --label 7`.

    Exits with 1 when nothing could be read or anything was rejected.
    """
    from pipeline.pictures.contact import save
    from pipeline.sheets import describe, picture_of

    said = {"layout": layout, "label": _label(label), "rows": rows.split(",") if rows else None}
    reading, rgb = _read(photo, {key: value for key, value in said.items() if value is not None}, params)
    target = out or Path(f"{photo.stem}-check.jpg")
    save(picture_of(reading, rgb), target)
    print(f"{photo}: {len(reading.digits)} digits, {len(reading.rejects)} rejects; see {target}")
    for reject in reading.rejects:
        print(f"  {describe(reject)}")
    if reading.rejects or not reading.digits:
        raise typer.Exit(1)


@app.command()
def overview(
    photo: Annotated[Path, typer.Argument(help="A photo of the template, or one that a sheets.yaml describes.")],
    *,
    out: Annotated[Path, typer.Option(help="The picture to write.")] = Path("overview.png"),
    table: Annotated[Path, typer.Option(help="Confusions to count.")] = Path("metrics/confusion/handwriting.csv"),
    params: Annotated[Path, typer.Option(help="The parameters.")] = Path("params.yaml"),
) -> None:
    """Draw photo, digits and confusion table side by side: `mnist-cn overview raw/samples/writer-00.jpg`."""
    import numpy as np

    from pipeline.pictures.contact import Mark, save
    from pipeline.pictures.overview import overview as draw
    from pipeline.scores import confusion
    from pipeline.sheets import describe

    reading, rgb = _read(photo, {}, params)
    if rgb is None or not reading.digits:
        raise BadInputError(f"{photo}: expected a photo with digits, got {[describe(r) for r in reading.rejects]}")
    if not table.is_file():
        raise BadInputError(f"{table}: expected the confusions that `dvc repro` writes, found no such file")
    labels, predictions = np.loadtxt(table, np.uint8, delimiter=",", skiprows=1, ndmin=2).T
    marks = [Mark(digit.corners, "", good=True) for digit in reading.digits]
    digits = np.stack([digit.image for digit in reading.digits])
    save(draw(rgb, marks, digits, confusion(labels, predictions), table.stem), out)
    print(out)


def _read(photo: Path, stated: dict[str, Any], params: Path) -> tuple["Reading", "Rgb | None"]:
    """Read one photo as its sheets.yaml says, changed by what is stated."""
    from pipeline.reader.collection import Photo, folder_of, settings_of
    from pipeline.reader.read import read_photo

    if not photo.is_file():
        raise BadInputError(f"{photo}: expected a photo, found no such file")
    collection = folder_of(photo)
    settings = settings_of(photo, collection)
    settings = settings.model_copy(update=_checked(type(settings), stated))
    name = f"{collection.name}/{photo.relative_to(collection).as_posix()}"
    return read_photo(Photo(photo, name, collection.name, settings), load_params(params).sheets)


def _label(text: str | None) -> int | str | None:
    return int(text) if text is not None and text.isdecimal() else text


def _checked(section: type[Section], stated: dict[str, Any]) -> dict[str, Any]:
    """Check options as sheets.yaml is checked."""
    return validated(section, stated, Path("the command line")).model_dump(include=set(stated))


def main() -> None:
    """Run a command; what the user got wrong is one line on standard error and exit status 1."""
    try:
        app()
    except BadInputError as error:
        print(f"error: {error}", file=sys.stderr)
        raise SystemExit(1) from error


if __name__ == "__main__":
    main()
