"""What must be true of the merged digit table, checked before anything is trained on it."""

from pathlib import Path
from typing import Any

import pyarrow as pa

from pipeline import digits
from pipeline.errors import BadInputError


def check_merged(table: pa.Table, path: Path) -> None:
    """Check types, nulls, ranges, formats and the laws between rows.

    The laws: ids are unique, a writer belongs to the row's source and is in one split, every row is an original.

    Parameters
    ----------
    table : pyarrow.Table
        The merged digit table.
    path : Path
        Where it is to go, for the message.

    Raises
    ------
    BadInputError
        On the first thing found wrong: what was expected, in which column, and how many rows break it.
    """
    import pandera.errors

    if table.schema != digits.SCHEMA:
        raise BadInputError(f"{path}: expected the columns of a digit table, got {table.schema.names}; {_ADVICE}")
    frame = _frame(table)
    try:
        _schema().validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as error:
        cases = error.failure_cases
        case = cases.iloc[0]
        alike = int(((cases["column"] == case["column"]) & (cases["check"] == case["check"])).sum())
        expected = "a value" if case["check"] == "not_nullable" else case["check"]
        raise BadInputError(
            f"{path}: `{case['column']}`: expected {expected}, got `{case['failure_case']}` in {alike} rows; {_ADVICE}"
        ) from error
    known = frame[frame["writer"].notna()]
    foreign = known[[not w.startswith(f"{s}/") for w, s in zip(known["writer"], known["source"], strict=True)]]
    if len(foreign):
        writer, source = foreign.iloc[0][["writer", "source"]]
        raise BadInputError(f"{path}: `writer`: expected `{source}/<writer>`, got `{writer}`; {_ADVICE}")
    splits = known.groupby("writer")["split"].nunique()
    if (splits > 1).any():
        raise BadInputError(f"{path}: expected writer `{splits.idxmax()}` in one split, got both; {_ADVICE}")


_ADVICE = "a table that `merge` reads is not as its stage writes it: run `dvc repro -f sheets mnist`"


def _frame(table: pa.Table) -> Any:
    """Return all columns but ``image`` as a pandas frame in which whole numbers stay whole beside nulls."""
    import pandas as pd

    kinds = {pa.int16(): pd.Int16Dtype(), pa.uint8(): pd.UInt8Dtype(), pa.string(): pd.StringDtype()}
    return table.drop_columns(["image"]).to_pandas(types_mapper=kinds.get)


def _schema() -> Any:
    import pandas as pd
    from pandera.pandas import Check, Column, DataFrameSchema

    text, whole = pd.StringDtype(), pd.Int16Dtype()
    place = Column(whole, Check.ge(0, error="a place from 0 or null"), nullable=True)
    columns = {
        "id": Column(
            text,
            [
                Check.str_matches(r"^[0-9a-f]{16}$", error="16 hexadecimal characters"),
                Check(lambda ids: ~ids.duplicated(), error="unique ids"),
            ],
        ),
        "label": Column(pd.UInt8Dtype(), Check.in_range(0, digits.CLASSES - 1, error="0 to 9")),
        "source": Column("category", Check(lambda names: names.astype(str) != "", error="a name")),
        "writer": Column(text, Check.str_matches(r"^[^/]+/.+$", error="<source>/<writer> or null"), nullable=True),
        "photo": Column(text, Check.str_length(min_value=1, error="a path or null"), nullable=True),
        "row": place,
        "col": place,
        "split": Column("category", Check.isin(digits.SPLITS, error="train or test")),
        "parent": Column(text, Check(lambda names: names.isna(), ignore_na=False, error="null"), nullable=True),
    }
    return DataFrameSchema(columns, strict=True, ordered=True)
