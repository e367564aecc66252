import io

from rich.console import Console

from pipeline.pictures import results_table
from pipeline.runs import scores_of
from tests.made_results import result

ROWS = [
    result(88, command="dvc exp run -S train.seed=0"),
    result(92, seed=1, command="dvc exp run -S train.seed=1"),
    result(5, 498, source="ptddigits", command="dvc exp run -S train.seed=0"),
    result(5, 498, source="handwriting", command="dvc exp run -S train.seed=0"),
    result(41, name="lenet5-ours", recipe="ours", trained_on="mnist+ptddigits", processor="B", cores=8),
]


def rows_of(text: str) -> list[dict[str, str]]:
    """The rows of all Markdown tables, by column."""
    table = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines() if line.startswith("|")]
    header = table[0]
    return [dict(zip(header, cells, strict=True)) for cells in table if cells != header and "--" not in cells[1]]


def test_markdown_gives_every_number_with_its_command_machine_seconds_and_seeds() -> None:
    text = results_table.markdown(scores_of(ROWS))
    ours, report, students = rows_of(text)
    assert report == {
        "run": "lenet5-report",
        "network": "lenet5",
        "parameters": "61,706",
        "recipe": "report",
        "trained on": "mnist",
        "digits cut as": "mnist",
        "folds x epochs": "5 x 10",
        "seeds": "2",
        "errors": "88, 92",
        "accuracy": "99.10%",
        "95% interval": "98.90% to 99.27%",
        "report's": "98.97% (+0.13)",
        "processor seconds": "180",
        "seconds": "95",
        "machine": "Imagined CPU, 2 cores, float32",
    }
    assert (ours["run"], ours["machine"]) == ("lenet5-ours", "B, 8 cores, float32")
    assert ours["trained on"] == "mnist + ptddigits"
    assert students["errors"] == "5"
    commands = text.split("```sh\n")[1].splitlines()
    assert commands == [
        "dvc exp run -S model.arch=lenet5 -S train.recipe=report  # lenet5-ours",
        "dvc exp run -S train.seed=0  # lenet5-report",
        "dvc exp run -S train.seed=1  # lenet5-report",
        "```",
    ]


def test_each_set_of_test_digits_has_a_table_and_simulated_ones_are_called_so() -> None:
    rows = [*ROWS, result(3, 98, source="samples", simulated=True), result(8, 1000, name="bundled")]
    text = results_table.markdown(scores_of(rows))
    assert [line for line in text.splitlines() if line.startswith("**")] == [
        "**mnist, 10,000 test digits**",
        "**mnist, 1,000 test digits**",
        "**ptddigits, 498 test digits**",
        "**samples (simulated), 98 test digits**",
    ]


def test_a_report_that_we_fall_short_of_is_marked_where_our_interval_lies_below_it() -> None:
    short, within, above = (scores_of([result(errors)])[0] for errors in (150, 110, 90))
    assert results_table.against_report(short) == "98.97% (-0.47, below)"
    assert results_table.against_report(within) == "98.97% (-0.07)"
    assert results_table.against_report(above) == "98.97% (+0.13)"


def test_handwriting_of_a_report_is_called_a_landmark() -> None:
    rows = [result(5, 498, architecture="digit_recognizer", source="ptddigits")]
    assert "95.25% (+3.75)" in results_table.markdown(scores_of(rows))
    assert results_table.OTHER_DIGITS in results_table.markdown(scores_of(rows))
    assert results_table.OTHER_DIGITS not in results_table.markdown(scores_of(ROWS))


def test_a_bar_in_a_folders_name_does_not_break_the_table() -> None:
    (row,) = rows_of(results_table.markdown(scores_of([result(source="a|b", trained_on="mnist+a")])))
    assert row["trained on"] == "mnist + a"


def test_seeds_from_two_machines_name_both() -> None:
    (score,) = scores_of([result(), result(seed=1, processor="GPU", device="cuda", precision="bfloat16")])
    assert results_table.machine(score) == "Imagined CPU, 2 cores, float32; GPU, cuda, bfloat16"


def test_terminal_shows_each_run_on_one_line() -> None:
    out = io.StringIO()
    Console(file=out, width=120).print(results_table.terminal(scores_of(ROWS)))
    lines = [" ".join(line.split()) for line in out.getvalue().splitlines()]
    assert "lenet5-report 2 88, 92 99.10% 98.90% to 99.27% 98.97% (+0.13) 180" in lines
    assert "ptddigits, 498 test digits" in lines
    assert "handwriting, 498 test digits" not in lines
