"""Part of the page on what may be wrong with labels and crops: the top suspects with their pictures."""

from collections.abc import Mapping

from pipeline.digits import SIDE, Images
from pipeline.errors import BadInputError
from pipeline.reports import words
from pipeline.reports.images import digit_png
from pipeline.reports.markup import Html, bullets, code, image, joined, number, paragraph, table, text
from pipeline.reports.reading import SUSPECTS, Run
from pipeline.reports.tallies import images_of
from pipeline.scores import HANDWRITING

SHOWN = 12  # suspects of a source; the file has all


def audit(run: Run) -> Html:
    """Say how many labels are suspect, and show the top ones of each source."""
    files, total = run.files, words.suspects(run)
    shown = {name: [row for row in run.suspects if row["source"] == name][:SHOWN] for name in words.distinct(run.audit)}
    pictures = images_of(run.table, [row["id"] for rows in shown.values() for row in rows])
    parts = [_gallery(run, name, rows, pictures) for name, rows in shown.items() if rows]
    return joined(
        paragraph(
            f"{words.count(total, 'suspect')} to look at: ",
            code(files.audit_folder / SUSPECTS),
            ". A suspect is a question, not a verdict: look at the picture first. What is wrong goes into ",
            code("raw/corrections.csv"),
            "; proposed lines lie in ",
            code(files.audit_folder / "corrections.csv"),
            ".",
        ),
        _counts(run),
        *parts,
    )


def _counts(run: Run) -> Html:
    rows = [
        (
            words.name_of(run, name, run.audit),
            number(one.n),
            number(one.suspects),
            number(one.near_duplicates),
            number(one.outliers),
        )
        for name, one in words.distinct(run.audit).items()
    ]
    verdicts = [
        f"{words.name_of(run, name, run.audit)}: "
        f"{', '.join(f'{_spaced(kind)} {n:,}' for kind, n in one.by_verdict.items() if n)}"
        for name, one in words.distinct(run.audit).items()
        if any(one.by_verdict.values())
    ]
    whole = [sentence for one in run.audit.values() for sentence in one.rows]
    twice = list(dict.fromkeys(sentence for one in run.audit.values() for sentence in one.sheets_twice))
    columns = ("source", "n", "suspects", "near-duplicates", "outliers")
    return joined(
        table("Labels and crops that were looked at", columns, rows),
        bullets(verdicts),
        joined(paragraph("Rows whose labels seem to be wrong as a whole:"), bullets(whole)) if whole else "",
        joined(paragraph("Sheets that seem to be there twice:"), bullets(twice)) if twice else "",
    )


def _gallery(run: Run, name: str, rows: list[dict[str, str]], pictures: Mapping[str, Images]) -> Html:
    whole = run.audit[name].suspects if name != HANDWRITING else words.suspects(run)
    title = f"{words.name_of(run, name, run.audit)}: top {len(rows)} of {words.count(whole, 'suspect')}"
    items = [_suspect(run, row, pictures) for row in rows]
    return joined(Html("<h3>"), title, Html('</h3>\n<ol class="suspects">\n'), *items, Html("</ol>\n"))


def _suspect(run: Run, row: Mapping[str, str], pictures: Mapping[str, Images]) -> Html:
    if row["id"] not in pictures:
        raise BadInputError(
            f"{run.files.audit_folder / SUSPECTS}: expected ids of {run.files.digits}, got {row['id']!r}; "
            "two runs are mixed: run `dvc repro`"
        )
    alt = f"A digit labelled {row['label']} and read as {row['prediction']}"
    place = ", ".join(f"{key} {row[key]}" for key in ("row", "col") if row[key])
    split = "a test digit" if row["split"] == "test" else ""
    where = "; ".join(part for part in (row["photo"], place, split) if part)
    return joined(
        Html("<li>"),
        image(digit_png(pictures[row["id"]]), alt, "digit", (SIDE, SIDE)),
        Html("<div><strong>"),
        f"Labelled {row['label']}, read as {row['prediction']}",
        Html("</strong> "),
        _sure(row["probability"]),
        Html("<br>"),
        _spaced(row["verdict"]),
        joined(": ", row["explanation"]) if row["explanation"] else "",
        joined(Html("<br><small>"), where, Html("</small>")) if where else "",
        Html("</div></li>\n"),
    )


def _sure(probability: str) -> Html:
    try:
        return joined("(", number(float(probability), ".1%"), ")")
    except ValueError:
        return text("")


def _spaced(name: str) -> str:
    return name.replace("_", " ").replace("-", " ")
