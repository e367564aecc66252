"""`mnist-cn export-data`: the curated digits in the forms that other people's code reads."""

import difflib
import hashlib
import json
import re
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from pipeline import digits as digit_table
from pipeline.atomic import replacing, write_json, write_text
from pipeline.errors import BadInputError
from pipeline.formats import FORMATS, Splits, provenance
from pipeline.overwriting import protect_folder
from pipeline.read_folders import keep_outside, place_for
from pipeline.reports.markdown import code
from pipeline.scores import HANDWRITING, MNIST

MADE = "mnist-cn.json"  # in every folder that the command made: only such a folder is replaced
PROVENANCE, DATA_CARD = "provenance.csv", "data-card.md"

LOADED = {  # how people's own code reads each format
    "idx": "any MNIST loader reads these; torchvision.datasets.MNIST looks for them in its root's MNIST/raw/",
    "idx-gz": "any MNIST loader that unpacks reads these, as from MNIST's own site",
    "npz": 'np.load("{out}/mnist.npz")["x_train"], or keras.datasets.mnist.load_data with its absolute path',
    "csv": 'pd.read_csv("{out}/train.csv"): column label, then pixel0 to pixel783',
    "folders": 'torchvision.datasets.ImageFolder("{out}/train") reads a split',
}


def of_sources(table: pa.Table, wanted: list[str]) -> pa.Table:
    """Return the rows of these sources, ``handwriting`` standing for all but ``mnist``; of all, where none is named.

    Raises
    ------
    BadInputError
        If the table has no digit of one of them.
    """
    there = sorted({str(source) for source in digit_table.strings(table, "source")})
    collections = [name for name in there if name != MNIST]
    chosen: set[str | None] = set()
    for name in wanted or there:
        if name not in there and not (name == HANDWRITING and collections):
            near = difflib.get_close_matches(str(name), [str(known) for known in there], n=1)
            hint = f"did you mean `{near[0]}`?" if near else f"there are: {', '.join(map(str, there))}"
            raise BadInputError(f"--sources: expected sources of the digit table, got `{name}`; {hint}")
        chosen |= set(collections) if name == HANDWRITING else {name}
    source = table.column("source").cast(pa.string())
    return table.filter(pc.is_in(source, pa.array(sorted(map(str, chosen))))).combine_chunks()


def splits_of(table: pa.Table) -> dict[str, pa.Table]:
    """Return the train and the test rows, in the table's order.

    Raises
    ------
    BadInputError
        If there is no digit, or one without a split.
    """
    splits = {split: digit_table.of_split(table, split) for split in digit_table.SPLITS}
    if sum(rows.num_rows for rows in splits.values()) != table.num_rows:
        raise BadInputError("expected digits of which each has a split, got some without; use data/digits.parquet")
    if not table.num_rows:
        raise BadInputError("expected at least one digit to export, got none; add photos, or name other --sources")
    return splits


def check_ours(folder: Path) -> None:
    """Refuse to replace what the command did not make.

    Raises
    ------
    BadInputError
        If ``folder`` is a file, or holds anything that this command did not put there.
    """
    try:
        ours = {MADE, *json.loads((folder / MADE).read_text(encoding="utf-8"))["files"]}
    except (OSError, ValueError, KeyError, TypeError):
        ours = set()
    protect_folder(folder, lambda path: path.parts[0] in ours)


def card_of(digits: Path, card: Path) -> bytes | None:
    """Return the data card if it describes this digit table, by the SHA-256 that it says, else None."""
    if not card.is_file():
        return None
    content = card.read_bytes()
    said = re.search(rb"^SHA-256 `([0-9a-f]{64})`", content, re.MULTILINE)
    with digits.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    return content if said is not None and said[1].decode() == found else None


def of_part(content: bytes, sources: set[str | None]) -> bytes:
    """Return a data card with a line at its head: it says more than the digits of these sources hold."""
    named = ", ".join(code(name) for name in sorted(map(str, sources)))
    head = f"This card describes the whole digit table, of which this export holds only the digits of {named}."
    return f"{head}\n\n".encode() + content


def write(splits: Splits, form: str, folder: Path, card: bytes | None) -> None:
    """Write digits, their provenance and a data card into a folder of their own, all at once or not at all."""
    check_ours(folder)
    with replacing(folder) as draft:
        draft.mkdir()
        FORMATS[form](splits, draft)
        write_text(draft / PROVENANCE, provenance(splits))
        if card is not None:
            (draft / DATA_CARD).write_bytes(card)
        made = {
            "made_by": "mnist-cn export-data",
            "format": form,
            "digits": {split: rows.num_rows for split, rows in splits.items()},
            "files": sorted(path.name for path in draft.iterdir()),
        }
        write_json(draft / MADE, made)


def export_data(form: str, out: Path, wanted: list[str], *, digits: Path, card: Path) -> None:
    """Export the digits and say what was written.

    Parameters
    ----------
    form : str
        A key of FORMATS.
    out : Path
        The folder to make, or to make again.
    wanted : list of str
        Sources; none are all.
    digits : Path
        The digit table.
    card : Path
        The data card, copied where it is there and of this table.

    Raises
    ------
    BadInputError
        If there is nothing to export, or ``out`` holds what this command did not make or lies where photos are read
        from.
    """
    keep_outside([out], [], place_for(out.resolve().name, []))
    check_ours(out)
    if not digits.is_file():
        raise BadInputError(f"{digits}: expected the digit table, found none; run `dvc repro merge`, or `dvc pull`")
    table = digit_table.load(digits)
    chosen = of_sources(table, wanted)
    splits, content = splits_of(chosen), card_of(digits, card)
    if content is not None and chosen.num_rows < table.num_rows:
        content = of_part(content, set(digit_table.strings(chosen, "source")))
    write(splits, form, out, content)
    counts = ", ".join(f"{rows.num_rows:,} {split}" for split, rows in splits.items())
    print(f"{out}: {counts} digits as {form}, with {PROVENANCE}" + (f" and {DATA_CARD}" if content else ""))
    print(f"next: {LOADED[form].format(out=out)}")
    if not card.is_file():
        print(f"{card}: not there, so that no data card was copied; `dvc repro` writes it")
    elif content is None:
        print(f"{card}: not copied, the data card describes another table: `dvc repro report` writes it anew")
