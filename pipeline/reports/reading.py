"""All that the report is written from, read and checked: a missing file says what to run."""

import csv
import hashlib
import io
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from pipeline import curves, metrics_json
from pipeline import digits as digit_table
from pipeline import params as parameters
from pipeline.errors import BadInputError
from pipeline.metrics_files import checked
from pipeline.reports import making, shapes

SUSPECTS = "suspects.csv"
SUSPECT_COLUMNS = (
    *("rank", "id", "source", "split", "writer", "photo", "row", "col"),
    *("label", "prediction", "probability", "score", "verdict", "explanation"),
)


@dataclass(frozen=True)
class Files:
    """Where a run leaves what it says."""

    params: Path
    digits: Path
    models: Path
    sheets: Path
    merge: Path
    train: Path
    curves: Path
    evaluate: Path
    out_of_fold: Path
    robustness: Path
    domain_gap: Path
    audit: Path
    audit_folder: Path
    galleries: Path
    robustness_picture: Path
    domain_gap_picture: Path


@dataclass(frozen=True)
class Run:
    """What one run left."""

    files: Files
    params: parameters.Params
    table: pa.Table  # the digit table
    sha256: str  # of its file
    model: making.Model
    sheets: making.Sheets
    merge: making.Merge
    train: making.Train
    curves: tuple[curves.Point, ...]  # one a fold and epoch
    test: dict[str, shapes.Source]
    out_of_fold: shapes.OutOfFold
    robustness: dict[str, shapes.Robust]
    gap: dict[str, shapes.Gap]
    audit: dict[str, shapes.Audited]
    suspects: tuple[dict[str, str], ...]  # by SUSPECT_COLUMNS, the most suspect first


def load(files: Files) -> Run:
    """Read a run.

    Raises
    ------
    BadInputError
        If a file is missing or lacks what the report says.
    """
    return Run(
        files=files,
        params=parameters.load(files.params),
        table=digit_table.load(files.digits),
        sha256=hashlib.sha256(files.digits.read_bytes()).hexdigest(),
        model=checked(
            making.Model, metrics_json.load(files.models / "model.json", "train"), files.models / "model.json"
        ),
        sheets=checked(making.Sheets, metrics_json.load(files.sheets, "sheets"), files.sheets),
        merge=checked(making.Merge, metrics_json.load(files.merge, "merge"), files.merge),
        train=checked(making.Train, metrics_json.load(files.train, "train"), files.train),
        curves=curves.load(files.curves),
        test=checked(
            shapes.Evaluation, {"source": metrics_json.load(files.evaluate, "evaluate")}, files.evaluate
        ).source,
        out_of_fold=checked(shapes.OutOfFold, metrics_json.load(files.out_of_fold, "evaluate"), files.out_of_fold),
        robustness=checked(
            shapes.Robustness, {"source": metrics_json.load(files.robustness, "robustness")}, files.robustness
        ).source,
        gap=checked(
            shapes.DomainGap, {"collection": metrics_json.load(files.domain_gap, "domain_gap")}, files.domain_gap
        ).collection,
        audit=checked(shapes.Audit, {"source": metrics_json.load(files.audit, "audit")}, files.audit).source,
        suspects=tuple(_rows(files.audit_folder / SUSPECTS, SUSPECT_COLUMNS, "audit")),
    )


def _text(path: Path, stage: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        got = error.strerror if isinstance(error, OSError) else error
        raise BadInputError(
            f"{path}: expected what stage `{stage}` writes, got: {got}; run `dvc repro {stage}`"
        ) from error


def _rows(path: Path, columns: tuple[str, ...], stage: str) -> list[dict[str, str]]:
    lines = csv.reader(io.StringIO(_text(path, stage), newline=""), strict=True)
    header = next(lines, [])
    if missing := [column for column in columns if column not in header]:
        raise BadInputError(
            f"{path}: expected the columns {','.join(columns)}, got no {missing[0]}; run `dvc repro {stage}`"
        )
    rows = []
    for cells in lines:
        if len(cells) != len(header):
            raise BadInputError(
                f"{path}, line {lines.line_num}: expected {len(header)} values, got {len(cells)}; "
                f"run `dvc repro {stage}`"
            )
        rows.append(dict(zip(header, cells, strict=True)))
    return rows
