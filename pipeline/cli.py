"""Commands for people: `mnist-cn …`. The pipeline itself runs with `dvc repro`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from pipeline import commands, completed, result_commands
from pipeline.errors import BadInputError, told_in_one_line
from pipeline.simulate.severity import Layout, Severity

if TYPE_CHECKING:
    from pipeline.reader.photo import Rgb
    from pipeline.reader.read import Reading

app = typer.Typer(no_args_is_help=True, help=__doc__, pretty_exceptions_enable=False)
app.add_typer(result_commands.app, name="results")


@app.command()
def template(
    out: Annotated[Path | None, typer.Option(help="The PDF; by default template-<writer>.pdf for a writer's.")] = None,
    paper: Annotated[Literal["a4", "letter"], typer.Option(help="Paper size.")] = "a4",
    writer: Annotated[str | None, typer.Option(help="Whose sheet: up to 12 of a-z, 0-9 and -.")] = None,
    focus: Annotated[str | None, typer.Option(help="Digits that get more boxes, commas between: 2,5,7,9.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the sheet's geometry in millimetres instead.")] = False,
) -> None:
    """Write the sheet to print: `mnist-cn template --out sheet.pdf`, or `--writer w07 --focus 2,5,7,9`.

    A sheet with a writer or a focus carries a code that tells the reader both; nothing need be said in sheets.yaml.
    """
    from pipeline.sheet_code import stated
    from pipeline.template import geometry

    code = stated(writer, focus) if writer is not None or focus is not None else None
    sheet = geometry(paper, code)
    if out is None and writer is not None:
        out = Path(f"template-{writer.lower()}.pdf")
    if as_json:
        print(json.dumps(sheet.as_json(), indent=2))
    elif out is None:
        raise BadInputError("expected --out FILE.pdf or --json, got neither")
    else:
        from pipeline.outputs import check_kind
        from pipeline.pictures.template_pdf import write_pdf

        check_kind(out, (".pdf",), "a PDF")
        write_pdf(sheet, out)
        print(f"{out}: print it at 100 %, fill it in, photograph it, put the photo into raw/<collection>/")
        print("next: `mnist-cn check raw/<collection>` shows what is read from the photos")


@app.command()
def simulate(
    out: Annotated[Path, typer.Option(help="Folder for photos (writer-NN.jpg), truth (writer-NN.json), sheets.yaml.")],
    count: Annotated[int, typer.Option(min=1, help="How many photos, a writer each.")] = 10,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same bytes.")] = 0,
    severity: Annotated[Severity, typer.Option(help="How bad light, camera and hand are.")] = "ordinary",
    layout: Annotated[Layout, typer.Option(help="The printed sheet, or paper without it.")] = "template",
) -> None:
    """Draw written sheets and photograph them: `mnist-cn simulate --out photos --count 3 --layout rows`."""
    from pipeline.simulate.photos import write

    write(out, count, seed, severity, layout=layout)
    print(f"{out}: {count} simulated photos with their truth; never mistake numbers on them for handwriting")


@app.command()
def check(
    place: Annotated[Path, typer.Argument(help="A photo, or a folder of photos.")],
    *,
    out: Annotated[
        Path | None,
        typer.Option(help="The picture (.jpg), or the folder of pictures; else <photo>-check.jpg or <folder>-check/."),
    ] = None,
    layout: commands.Layout = None,
    label: Annotated[str | None, typer.Option(help="The digit on the whole photo, or from-name.")] = None,
    rows: Annotated[str | None, typer.Option(help="The digits of each row, commas between: 12345,67890.")] = None,
    turn: commands.Turn = None,
    strip: Annotated[bool, typer.Option("--strip", help="Wipe from the files where the photos were taken.")] = False,
    params: commands.Parameters = Path("params.yaml"),
) -> None:
    """Show what the reader would do with photos: `mnist-cn check IMG_1.jpg --layout rows --label 7`.

    Exits with 1 when a photo should be taken again, or nothing could be read.
    """
    from pipeline.check import check as look
    from pipeline.params import load as load_params

    numbers = {"label": _number(label), "turn": _number(turn)}
    said = {"layout": layout, "rows": rows.split(",") if rows else None, **numbers}
    stated = {key: value for key, value in said.items() if value is not None}
    if not look(place, out, stated, load_params(params), strip=strip).fine:
        raise typer.Exit(1)


@app.command()
def cache(
    clear: Annotated[
        bool, typer.Option("--clear", help="Forget it all; photos are read and folds trained again when needed.")
    ] = False,
) -> None:
    """Show where readings and trained folds are kept for the next run, or forget them: `mnist-cn cache --clear`."""
    from pipeline.store import PLACE, SIZE, folder, store

    place, kept = folder(), store()
    if place is None:
        print(f"{PLACE} is empty: nothing is kept")
        return
    if kept is None:
        raise BadInputError(f"{place}: expected a folder to keep things in, found none that can be used; set {PLACE}")
    if clear:
        kept.clear()
    print(f"{place}: {kept.bytes / 1e6:,.1f} MB of at most {kept.bound / 1e9:g} GB; {PLACE} and {SIZE} change that")


@app.command()
def architectures(
    name: Annotated[
        str | None,
        typer.Argument(help="One network, to see its layers; else all.", autocompletion=completed.architectures),
    ] = None,
    results: Annotated[Path, typer.Option(help="The recorded results.")] = Path("metrics/results.csv"),
) -> None:
    """Show what networks are made of and cost, and what they reached: `mnist-cn architectures lenet5`."""
    from rich.console import Console

    from pipeline import networks

    Console().print(networks.every(results) if name is None else networks.one(name))


@app.command()
def overview(
    photo: Annotated[Path, typer.Argument(help="A photo of the template, or one that a sheets.yaml describes.")],
    *,
    out: Annotated[Path, typer.Option(help="The picture to write.")] = Path("overview.png"),
    table: Annotated[Path, typer.Option(help="Confusions to count.")] = Path("metrics/confusion/handwriting.csv"),
    params: commands.Parameters = Path("params.yaml"),
) -> None:
    """Draw photo, digits and confusion table side by side: `mnist-cn overview raw/samples/writer-00.jpg`."""
    import numpy as np

    from pipeline.outputs import check_picture
    from pipeline.pictures.contact import Mark, save
    from pipeline.pictures.overview import overview as draw
    from pipeline.reading import describe
    from pipeline.scores import confusion

    check_picture(out, photo)
    if not table.is_file():
        raise BadInputError(
            f"{table}: expected the confusions that `dvc repro` writes, found no such file; run it, or where no "
            "handwriting was tested name --table metrics/confusion/mnist.csv"
        )
    reading, rgb = _read(photo, params)
    if rgb is None or not reading.digits:
        raise BadInputError(f"{photo}: expected a photo with digits, got {[describe(r) for r in reading.rejects]}")
    labels, predictions = np.loadtxt(table, np.uint8, delimiter=",", skiprows=1, ndmin=2).T
    marks = [Mark(digit.corners, "", good=True) for digit in reading.digits]
    digits = np.stack([digit.image for digit in reading.digits])
    save(draw(rgb, marks, digits, confusion(labels, predictions), table.stem), out)
    print(out)


def _read(photo: Path, params: Path) -> tuple["Reading", "Rgb | None"]:
    """Read one photo as its sheets.yaml says."""
    from pipeline.params import load as load_params
    from pipeline.reader.collection import Photo
    from pipeline.reader.finding import find_at
    from pipeline.reader.read import read_photo

    entries = list(find_at(photo))
    if len(entries) != 1 or not isinstance(entries[0], Photo):
        raise BadInputError(f"{photo}: expected one photo, found {len(entries)}")
    return read_photo(entries[0], load_params(params).sheets)


def _number(text: str | None) -> int | str | None:
    return int(text) if text is not None and text.isdecimal() else text


for _command in (commands.sweep, commands.review, commands.compare, commands.predict, commands.export_data):
    app.command()(_command)


def main() -> None:
    """Run a command; what the user got wrong, or the disk refused, is one line on standard error and exit status 1."""
    with told_in_one_line():
        app()


if __name__ == "__main__":
    main()
