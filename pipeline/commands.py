"""Commands that are modules of their own: what each is given, here; what it does is loaded when it runs."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from pipeline import completed

PORT = 8642
# More likely right than not: of 60,698 digits that networks of full MNIST and `digitnet` had never seen, 100 were less
# sure than this, and 39 of these wrong; 229 were wrong in all. metrics/out_of_fold.json says a threshold for 99.9%.
THRESHOLD = 0.5

Layout = Annotated[
    str | None,
    typer.Option(help="template, grid, rows, crops; else what sheets.yaml says.", autocompletion=completed.layouts),
]
Turn = Annotated[
    str | None,
    typer.Option(help="0, 90, 180, 270: degrees clockwise to upright; or auto.", autocompletion=completed.turns),
]
Parameters = Annotated[Path, typer.Option(help="The parameters.")]


def sweep(
    *,
    row: Annotated[int | None, typer.Option(help="Only print the run that repeats this row of the table.")] = None,
    params: Annotated[Path, typer.Option(help="The parameters: `sweep` there.")] = Path("params.yaml"),
    digits: Annotated[Path, typer.Option(help="The digits.")] = Path("data/digits.parquet"),
    augmented: Annotated[Path, typer.Option(help="Their distorted copies, read where a recipe shows some.")] = Path(
        "data/augmented.parquet"
    ),
    table: Annotated[Path, typer.Option(help="The table to write, a line a row.")] = Path("metrics/sweep.csv"),
    pictures: Annotated[Path, typer.Option(help="The folder for pictures.")] = Path("metrics/sweep"),
) -> None:
    """Train every combination of values in params.yaml: `mnist-cn sweep`, then `mnist-cn sweep --row 5`.

    Rows are compared on digits held back from training, never on test digits. Networks that an earlier run trained
    are not trained again: after a stop, the same command goes on where it was. The table holds all rows that are done.
    """
    from pipeline.sweep import sweep as run

    run(row=row, params=params, digits=digits, augmented=augmented, table=table, pictures=pictures)


def review(
    *,
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0: any free one.")] = PORT,
    browser: Annotated[bool, typer.Option(help="Open the page in the browser.")] = True,
    params: Parameters = Path("params.yaml"),
) -> None:
    """Look at suspects and rejects on a page of this machine, and decide: `mnist-cn review`, then `dvc repro`.

    Every verdict is a line of raw/corrections.csv at once. Ctrl-C ends it; nothing can be lost.
    """
    from pipeline.review import review as run

    run(port=port, browser=browser, params=params)


def compare(
    before: Annotated[str, typer.Argument(metavar="[REV_A]", help="Before: commit, tag, branch, experiment.")] = "HEAD",
    after: Annotated[
        str, typer.Argument(metavar="[REV_B]", help="After; `workspace` is what lies here.")
    ] = "workspace",
    *,
    common: Annotated[bool, typer.Option("--common", help="Compare on the test digits that both have.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print it all as JSON instead.")] = False,
    out: Annotated[Path | None, typer.Option(help="Also draw it: a PNG file.")] = None,
    source: Annotated[str | None, typer.Option(help="Whose digits to draw; else handwriting, where there is.")] = None,
    params: Annotated[Path, typer.Option(help="The parameters: evaluate.tracked_digits.")] = Path("params.yaml"),
    predictions: Annotated[str, typer.Option(help="The predictions in each revision.")] = "data/predictions.parquet",
    digits: Annotated[str, typer.Option(help="The digits in each revision.")] = "data/digits.parquet",
) -> None:
    """Tell whether a change helped: `mnist-cn compare` (HEAD, then your folder), or `mnist-cn compare before after`.

    The same test digits, read by both, are compared one by one. Exits with 1 where the test digits differ.
    """
    from pipeline.compare import compare as run
    from pipeline.outputs import check_kind

    if out is not None:
        check_kind(out, (".png",))
    run(
        before,
        after,
        common=common,
        as_json=as_json,
        out=out,
        source=source,
        params=params,
        predictions=predictions,
        digits=digits,
    )


def predict(
    photos: Annotated[list[Path], typer.Argument(help="Photos, or folders of photos.")],
    *,
    models: Annotated[Path, typer.Option(help="The folder with model.json and its weights.")] = Path("models"),
    layout: Layout = None,
    turn: Turn = None,
    threshold: Annotated[
        float, typer.Option(min=0, max=1, help="A digit that is less probable than this is a `?`.")
    ] = THRESHOLD,
    out: Annotated[
        Path | None,
        typer.Option(help="The picture, or the folder of pictures; else <photo>-predicted.jpg or predicted/."),
    ] = None,
    json: Annotated[Path | None, typer.Option(help="Write all that was found as JSON; `-`: print it.")] = None,
    csv: Annotated[Path | None, typer.Option(help="Write a line a digit; `-`: print them.")] = None,
) -> None:
    """Read the digits on photos: `mnist-cn predict IMG_1.jpg --layout rows`.

    Nothing need be said about the digits: rows of paper without a template are read from left to right. What is not
    certain is a `?` with its place. Exits with 1 when no digit could be read.
    """
    from pipeline.predict import predict as run

    said = {"layout": layout, "turn": int(turn) if turn is not None and turn.isdecimal() else turn}
    stated = {key: value for key, value in said.items() if value is not None}
    if not run(photos, stated, models=models, threshold=threshold, out=out, json=json, csv=csv):
        raise typer.Exit(1)


def export_data(
    form: Annotated[
        Literal["idx", "idx-gz", "npz", "csv", "folders"],
        typer.Option(
            "--format",
            help="idx: MNIST's own files (idx-gz: gzipped); npz: Keras's; csv: 785 columns; folders: a PNG a digit.",
        ),
    ],
    out: Annotated[Path, typer.Option(help="The folder to make, or to make again.")],
    *,
    sources: Annotated[
        str | None,
        typer.Option(
            help="Only these, commas between: mnist, a collection, or handwriting for all of them.",
            autocompletion=completed.sources,
        ),
    ] = None,
    digits: Annotated[Path, typer.Option(help="The digits.")] = Path("data/digits.parquet"),
    card: Annotated[Path, typer.Option(help="The data card, copied where it is of these digits.")] = Path(
        "metrics/data-card.md"
    ),
) -> None:
    """Write the digits in a form that other code reads: `mnist-cn export-data --format idx --out exported`.

    Beside them: provenance.csv, a line a digit in the same order, train first, and the data card.
    """
    from pipeline.export_data import export_data as run

    wanted = [name.strip() for name in sources.split(",")] if sources else []
    run(form, out, wanted, digits=digits, card=card)
