import pytest

from pipeline.pictures.results_markdown import OTHER_DIGITS, markdown
from pipeline.results import Result, read
from pipeline.runs import scores_of
from tests.made_results import result
from tests.params_file import ROOT
from tests.pictures.test_results_table import ROWS


def tables_of(text: str) -> list[list[list[str]]]:
    """The cells of all Markdown tables, line by line, without the rules under their headers."""
    tables = [part.splitlines() for part in text.split("\n\n") if part.startswith("|")]
    return [[[cell.strip() for cell in line.split("|")[1:-1]] for line in (t[0], *t[2:])] for t in tables]


def test_every_number_stands_beside_its_run_cost_machine_and_seeds() -> None:
    reached, trained = tables_of(markdown(scores_of(ROWS)))
    assert reached == [
        [
            *("run", "recipe", "folds x epochs"),
            *("mnist: errors of 10,000", "accuracy (95% interval)", "report's"),
            *("ptddigits: errors of 498", "accuracy (95% interval)"),
            "processor seconds",
        ],
        [
            *("lenet5-ours", "ours", "5 x 10"),
            *("41", "99.59% (99.44% to 99.70%)", "98.97% (+0.62)"),
            *("-", "-"),
            "180",
        ],
        [
            *("lenet5-report", "report", "5 x 10"),
            *("88, 92", "99.10% (98.90% to 99.27%)", "98.97% (+0.13)"),
            *("5", "99.00% (97.67% to 99.57%)"),
            "180",
        ],
    ]
    ours, report = (dict(zip(trained[0], row, strict=True)) for row in trained[1:])
    assert report == {
        "run": "lenet5-report",
        "network": "lenet5",
        "parameters": "61,706",
        "trained on": "mnist",
        "digits cut as": "mnist",
        "seeds": "2",
        "seconds": "95",
        "machine": "Imagined CPU, 2 cores, float32",
    }
    assert (ours["run"], ours["machine"]) == ("lenet5-ours", "B, 8 cores, float32")
    assert ours["trained on"] == "mnist + ptddigits"


def test_each_run_has_its_command_and_a_further_seed_only_what_it_adds() -> None:
    rows = [
        result(80, command="dvc exp run"),
        result(81, seed=1, command="dvc exp run -S train.seed=1"),
        result(82, seed=2, command="dvc exp run -S train.seed=2"),
        result(83, seed=3, command="dvc repro --force"),
        result(30, name="lenet5-ours", command="dvc exp run -S train.recipe=ours"),
    ]
    assert markdown(scores_of(rows)).split("```sh\n")[1].splitlines() == [
        "dvc exp run -S train.recipe=ours  # lenet5-ours",
        "dvc exp run  # lenet5-report, then with -S train.seed=1, -S train.seed=2",
        "dvc repro --force  # lenet5-report",
        "```",
    ]


def test_other_test_digits_of_one_source_have_columns_of_their_own_and_simulated_ones_are_called_so() -> None:
    rows = [*ROWS, result(3, 98, source="samples", simulated=True), result(8, 1000, name="bundled")]
    header = tables_of(markdown(scores_of(rows)))[0][0]
    assert [column for column in header if "errors" in column] == [
        "mnist: errors of 10,000",
        "mnist: errors of 1,000",
        "ptddigits: errors of 498",
        "samples (simulated): errors of 98",
    ]


def test_handwriting_of_a_report_is_called_a_reference_point() -> None:
    rows = [result(5, 498, architecture="digit_recognizer", source="ptddigits")]
    assert "95.25% (+3.75)" in markdown(scores_of(rows))
    assert OTHER_DIGITS in markdown(scores_of(rows))
    assert OTHER_DIGITS not in markdown(scores_of(ROWS))


def test_a_bar_in_a_folders_name_does_not_break_the_table() -> None:
    text = markdown(scores_of([result(source="a|b", trained_on="mnist+a")]))
    assert r"| a\|b: errors of 10,000 | accuracy (95% interval) |" in text


@pytest.mark.parametrize("page", ["README.md", "RESULTS.md"])
def test_the_tables_of_a_page_are_those_of_the_recorded_results(page: str) -> None:
    text = (ROOT / page).read_text()
    rows = read(ROOT / "metrics" / "results.csv", Result)
    shown = [row for row in rows if page == "RESULTS.md" or f"| {row.name} |" in text]
    assert shown
    for part in markdown(scores_of(shown)).split("\n\n"):
        assert part.strip() in text
