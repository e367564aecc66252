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


def test_a_report_that_we_fall_short_of_is_marked_where_our_interval_lies_below_it() -> None:
    short, within, above = (scores_of([result(errors)])[0] for errors in (150, 110, 90))
    assert results_table.against_report(short) == "98.97% (-0.47, below)"
    assert results_table.against_report(within) == "98.97% (-0.07)"
    assert results_table.against_report(above) == "98.97% (+0.13)"


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
