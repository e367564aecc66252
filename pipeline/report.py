"""Stage `report`: what the other stages found, as one page for people, two cards, and a description for machines."""

from pathlib import Path

from pipeline.atomic import write_json, write_text
from pipeline.reader.records import NOTHING_THERE
from pipeline.reports import croissant, data_card, model_card, page, reading
from pipeline.reports.words import count
from pipeline.stage import run


def shown(run: reading.Run) -> tuple[int, int]:
    """Return how many suspects and rejects the page of `mnist-cn review` shows.

    Suspects of no photo, such as MNIST's, cannot be shown there; rejects where nothing is are not worth a look.
    """
    places = {(line["photo"], line["row"], line["col"]) for line in run.suspects if line["photo"]}
    return len(places), sum(n for reason, n in run.sheets.reasons.items() if reason not in NOTHING_THERE)


def next_step(suspects: int, rejects: int) -> str:
    """Return what to do with a finished run, in a line; the numbers are those of :func:`shown`."""
    found = [count(n, what) for n, what in ((suspects, "suspect"), (rejects, "reject")) if n]
    doubtful = f"`mnist-cn review` ({', '.join(found)}), " if found else ""
    keep = "`git add . && git commit` keeps the run"
    return f"next: {doubtful}`mnist-cn compare` (did it help?), `mnist-cn predict PHOTO`; {keep}"


def main(
    params: Path,
    *,
    digits: Path,
    models: Path,
    sheets_metrics: Path,
    merge_metrics: Path,
    train_metrics: Path,
    curves: Path,
    evaluate_metrics: Path,
    out_of_fold_metrics: Path,
    robustness_metrics: Path,
    domain_gap_metrics: Path,
    audit_metrics: Path,
    audit: Path,
    galleries: Path,
    robustness_picture: Path,
    domain_gap_picture: Path,
    page_file: Path,
    data_card_file: Path,
    model_card_file: Path,
    croissant_file: Path,
) -> None:
    """Write the page, the cards and the description; nothing here is measured anew."""
    found = reading.load(
        reading.Files(
            params=params,
            digits=digits,
            models=models,
            sheets=sheets_metrics,
            merge=merge_metrics,
            train=train_metrics,
            curves=curves,
            evaluate=evaluate_metrics,
            out_of_fold=out_of_fold_metrics,
            robustness=robustness_metrics,
            domain_gap=domain_gap_metrics,
            audit=audit_metrics,
            audit_folder=audit,
            galleries=galleries,
            robustness_picture=robustness_picture,
            domain_gap_picture=domain_gap_picture,
        )
    )
    written = page.written(found)
    write_text(data_card_file, data_card.written(found))
    write_text(model_card_file, model_card.written(found))
    write_json(croissant_file, croissant.described(found, croissant_file.parent))
    write_text(page_file, written)
    print(f"look at {page_file}\n{next_step(*shown(found))}")


if __name__ == "__main__":
    run(main)
