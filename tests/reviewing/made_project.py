"""A small project: two photos of two rows, two digits of which the reader leaves out, and a list of suspects."""

import csv
from collections.abc import Iterable
from pathlib import Path

from pipeline import digits, sheets
from pipeline.params import load
from pipeline.reviewing.project import Project
from pipeline.reviewing.verdicts import Verdicts
from tests import params_file
from tests.reader import drawn
from tests.reviewing import lists

CUT = 50  # pixels: through the first digit of each row, which the reader therefore leaves out
SHEETS_YAML = """layout: rows
rows: ["1234", "5678"]
photos:
  b.png: {rows: ["5234", "6678"]}
"""


def repro(folder: Path) -> None:
    """Run stage `sheets` as dvc.yaml does, and let its digits pass for the digit table."""
    table = folder / "data/sheets.parquet"
    metrics = folder / "metrics"
    sheets.main(folder / "params.yaml", folder / "raw", table, metrics / "sheets.json", metrics / "sheets")
    rows = digits.load(table)
    columns = {name: rows.column(name).to_pylist() for name in ("label", "source", "writer", "photo", "row", "col")}
    split = ["test" if photo == "c/b.png" else "train" for photo in columns["photo"]]
    label, source = columns.pop("label"), columns.pop("source")
    digits.save(
        digits.from_columns(digits.images(rows), label, source, split=split, **columns), folder / "data/digits.parquet"
    )


def made(folder: Path) -> Project:
    """Write the project and run its stage `sheets`."""
    params_file.written(folder, parallel={"workers": 1})
    drawn.save(drawn.page(["1234", "5678"]), folder / "raw/c/a.png")
    drawn.save(drawn.page(["5234", "6678"])[:, CUT:], folder / "raw/c/b.png")
    (folder / "raw/c/sheets.yaml").write_text(SHEETS_YAML)
    repro(folder)
    suspects = [lists.suspect("c/a.png", 0, 1, label=1), lists.suspect("c/a.png", 2, 2, label=3)]
    written(folder / "metrics/audit/suspects.csv", [*suspects, lists.suspect("")])
    return opened(folder)


def opened(folder: Path) -> Project:
    limits = load(folder / "params.yaml").sheets
    return Project(folder, limits, Verdicts(folder / "raw/corrections.csv", folder / "locks"))


def written(path: Path, lines: Iterable[dict[str, str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    every = list(lines)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(every[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(every)
