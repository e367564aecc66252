"""`mnist-cn results`: what runs reached and cost, kept, shown and drawn."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from pipeline.errors import BadInputError

if TYPE_CHECKING:
    from pipeline.pictures.convergence import Course
    from pipeline.results import Result
    from pipeline.runs import Score

app = typer.Typer(invoke_without_command=True)

KEPT = Path("metrics/results.csv")
FORERUNNERS = ("alexnet", "inception_alexnet")  # whose costs their report compares

Table = Annotated[Path, typer.Option("--results", help="The recorded results; their curves are beside them.")]


@app.callback()
def show(
    context: typer.Context,
    *,
    results: Table = KEPT,
    only: Annotated[list[str] | None, typer.Option("--run", help="Only this run, once for each.")] = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print RESULTS.md's tables and commands.")] = False,
    pictures: Annotated[
        Path | None, typer.Option(help="Write accuracy.png and convergence.png into this folder.")
    ] = None,
    cost: Annotated[
        Literal["seconds", "multiply-adds"] | None,
        typer.Option(help="What accuracy.png has across: processor seconds, or multiply-adds.", show_default="seconds"),
    ] = None,
    compare: Annotated[
        list[str] | None,
        typer.Option(help="A run of convergence.png, once for each; else alexnet's and inception_alexnet's."),
    ] = None,
) -> None:
    """Show what recorded runs reached and cost: `mnist-cn results`, `--markdown` or `--pictures FOLDER`."""
    if context.invoked_subcommand is not None:
        if results != KEPT or only or markdown or pictures or compare or cost:
            raise BadInputError(f"expected options after `{context.invoked_subcommand}`, got some before it")
        return
    if pictures is None and (compare or cost):
        raise BadInputError("expected --pictures FOLDER beside --compare and --cost, which are for pictures; got none")
    if pictures is not None and markdown:
        raise BadInputError("expected --markdown or --pictures, got both; run the command twice")
    from pipeline import runs
    from pipeline.results import Result, read

    rows = read(results, Result)
    if not rows:
        raise BadInputError(f"{results}: expected recorded results, found none; `mnist-cn results add` records a run")
    if only:
        runs.named(only, {row.name for row in rows}, f"a run in {results}")
    chosen = [row for row in rows if row.name in only] if only else rows
    scores = runs.scores_of(chosen)
    if pictures is not None:
        courses = _courses(results, rows, chosen, compare or [])
        _draw_cost(pictures, scores, cost or "seconds")
        _draw_courses(pictures, courses)
    elif markdown:
        from pipeline.pictures.results_markdown import markdown as text_of

        print(text_of(scores), end="")
    else:
        from rich.console import Console

        from pipeline.pictures.results_table import terminal

        Console().print(terminal(scores))


def _draw_cost(folder: Path, scores: list["Score"], across: Literal["seconds", "multiply-adds"]) -> None:
    """Write accuracy.png if there are results for it, and say what it shows."""
    from pipeline.pictures import cost

    shown = cost.shown(scores, across)
    if shown:
        cost.draw(folder / "accuracy.png", shown, across)
        runs = "1 run" if len(shown) == 1 else f"{len(shown)} runs"
        print(f"{folder / 'accuracy.png'}: {runs} on the official MNIST test digits")
    else:
        print("accuracy.png: not drawn, no CPU's run was tested on the official MNIST test digits")


def _courses(place: Path, rows: list["Result"], chosen: list["Result"], compare: list[str]) -> list["Course"]:
    """Return how the runs to compare went; where none is named, of the chosen rows those of the forerunners."""
    from pipeline import runs
    from pipeline.pictures import convergence
    from pipeline.record import curves_beside
    from pipeline.results import Epoch, read

    curves = read(curves_beside(place), Epoch)
    runs.named(compare, {row.name for row in curves}, f"a run with curves in {curves_beside(place)}")
    return convergence.courses(compare or _forerunners(chosen), rows, curves)


def _draw_courses(folder: Path, courses: list["Course"]) -> None:
    """Write convergence.png if there are curves for it, and say what it shows."""
    from pipeline.pictures import convergence

    if courses:
        convergence.draw(folder / "convergence.png", courses)
        said = convergence.comparison(*courses) if len(courses) == 2 else [", ".join(course.name for course in courses)]
        print(f"{folder / 'convergence.png'}: {'; '.join(said)}")
    else:
        print(f"convergence.png: not drawn, there is no run of {' or '.join(FORERUNNERS)} with curves")


def _forerunners(rows: list["Result"]) -> list[str]:
    """Return the runs of the two networks that the AlexNet report compares; under its recipe, where there are such."""
    names: list[str] = []
    for architecture in FORERUNNERS:
        of_it = [row for row in rows if row.architecture == architecture]
        chosen = [row for row in of_it if row.recipe == "report"] or of_it
        names += dict.fromkeys(row.name for row in chosen)
    return names


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="What to call the run; seeds of one kind of run share a name.")],
    command: Annotated[str, typer.Option(help="The command that gives this result again.")],
    *,
    results: Table = KEPT,
    replace: Annotated[bool, typer.Option("--replace", help="Put it in the place of the same name and seed.")] = False,
    params: Annotated[Path, typer.Option(help="The run's parameters.")] = Path("params.yaml"),
    train: Annotated[Path, typer.Option(help="What `train` said.")] = Path("metrics/train.json"),
    timing: Annotated[Path, typer.Option(help="What its training took.")] = Path("metrics/timing.json"),
    evaluate: Annotated[Path, typer.Option(help="What `evaluate` said.")] = Path("metrics/evaluate.json"),
    out_of_fold: Annotated[Path, typer.Option(help="What it said of train digits.")] = Path("metrics/out_of_fold.json"),
    merge: Annotated[Path, typer.Option(help="What `merge` said.")] = Path("metrics/merge.json"),
    sheets: Annotated[Path, typer.Option(help="What `sheets` said.")] = Path("metrics/sheets.json"),
    curves: Annotated[Path, typer.Option(help="Loss and accuracy by epoch.")] = Path("metrics/curves.csv"),
    processor: Annotated[str | None, typer.Option(help="What it trained on, if not here.")] = None,
    cores: Annotated[int | None, typer.Option(min=1, help="How many cores that had, if not here.")] = None,
) -> None:
    """Record the run that the metrics files are of: `mnist-cn results add lenet5-ours --command "dvc exp run …"`."""
    from pipeline import finished, parallel, ran_on, record

    if processor is not None and cores is None:
        raise BadInputError("expected --cores beside --processor, got none: those of this machine may be others")
    run = finished.load(finished.Files(params, train, timing, evaluate, out_of_fold, merge, sheets, curves))
    origin = record.Origin(
        name=name,
        command=command,
        processor=processor or ran_on.processor_name(run.timing.device),
        cores=cores or parallel.cores(0),
        date=datetime.now(UTC).date(),
        commit=ran_on.commit(Path(__file__).parent.parent),
    )
    for row in record.keep(run, origin, results, replace=replace):
        interval = f"{row.ci95_low:.2%} to {row.ci95_high:.2%}"
        print(f"{row.name}, seed {row.seed}: {row.source} {row.accuracy:.2%} ({interval}), errors: {row.errors:,}")
    print(f"next: `mnist-cn results{'' if results == KEPT else f' --results {results}'}` shows all of them")
