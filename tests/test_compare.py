import io
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline import compare
from pipeline import digits as digit_table
from pipeline.pictures import before_after
from pipeline.versioned import Revision
from tests.made_predictions import digits, joined, predictions
from tests.params_file import ROOT
from tests.test_cli import command

TEST = joined(digits("mnist", 40, "test", writers=None), digits("class", 60, "test", writers=["a", "b"]))
MNIST_TRAIN = digits("mnist", 30, "train", writers=None, seed=1)
CLASS_TRAIN = digits("class", 20, "train", writers=["c"], seed=2)
BEFORE = {1: 7, 45: 6, 55: 6, 65: 6, 75: 6, 85: 6, 95: 6, 47: 1}
AFTER = {1: 7, 2: 3, 47: 2}

Files = dict[str, bytes]


class Kept:
    """A revision's files, as DVC gives them."""

    def __init__(self, files: Files) -> None:
        self.files = files

    def open(self, path: str, mode: str) -> io.BytesIO:
        assert mode == "rb"
        if path not in self.files:
            raise FileNotFoundError(path)
        return io.BytesIO(self.files[path])

    def exists(self, path: str) -> bool:
        return path in self.files


def parquet(table: pa.Table) -> bytes:
    stream = io.BytesIO()
    pq.write_table(table, stream)
    return stream.getvalue()


def run_of(test: pa.Table, misread: dict[int, int], *train: pa.Table, arch: str = "digitnet") -> Files:
    params = (ROOT / "params.yaml").read_text().replace("arch: digitnet", f"arch: {arch}")
    return {
        "data/predictions.parquet": parquet(predictions(test, misread)),
        "data/digits.parquet": parquet(joined(test, *train)),
        "metrics/sheets.json": json.dumps({"collections": {"class": {"digits": 80}}}).encode(),
        "params.yaml": params.encode(),
    }


@pytest.fixture
def revisions(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Files]:
    """What `mnist-cn compare` finds, by name; tests may change it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "params.yaml").write_bytes((ROOT / "params.yaml").read_bytes())
    found = {
        "HEAD": run_of(TEST, BEFORE, MNIST_TRAIN),
        "workspace": run_of(TEST, AFTER, MNIST_TRAIN, CLASS_TRAIN),
    }
    commits = {"HEAD": "a" * 40, "workspace": None}
    monkeypatch.setattr(
        compare,
        "open_revision",
        lambda name: Revision(name, commits.get(name, "b" * 40), experiment=False, files=Kept(found[name])),
    )
    return found


Printed = pytest.CaptureFixture[str]


@pytest.mark.usefixtures("revisions")
def test_by_default_head_is_compared_with_the_workspace(monkeypatch: pytest.MonkeyPatch, capsys: Printed) -> None:
    assert command(monkeypatch, "compare", "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert report["before"] == {"revision": "HEAD", "commit": "a" * 40}
    assert report["after"] == {"revision": "workspace", "commit": None}
    numbers = ("n", "errors_before", "errors_after", "fixed", "broken", "verdict")
    found = {name: tuple(entry[key] for key in numbers) for name, entry in report["sources"].items()}
    assert found == {
        "mnist": (40, 1, 2, 0, 1, "no evidence yet"),
        "class": (60, 7, 1, 6, 0, "helped"),
        "handwriting": (60, 7, 1, 6, 0, "helped"),
    }
    assert report["sources"]["class"]["by_digit"]["5"] == {
        "n": 6,
        "errors_before": 6,
        "errors_after": 0,
        "fixed": 6,
        "broken": 0,
    }
    assert report["sources"]["class"]["tracked"]["7"]["before"]["top_confusion"] == 1
    assert report["sources"]["class"]["tracked"]["7"]["after"]["top_confusion"] == 2


@pytest.mark.slow
@pytest.mark.usefixtures("revisions")
def test_what_was_added_to_the_train_digits_is_told(monkeypatch: pytest.MonkeyPatch, capsys: Printed) -> None:
    assert command(monkeypatch, "compare", "--json") == 0
    train = json.loads(capsys.readouterr().out)["train"]
    added = {"n": 20, "photos": {"class/c.jpg": 20}, "writers": {"class/c": 20}}
    assert train == {"added": {"class": added}, "removed": {}, "relabelled": 0}
    assert command(monkeypatch, "compare", "workspace", "HEAD", "--json") == 0
    train = json.loads(capsys.readouterr().out)["train"]
    assert train == {"added": {}, "removed": {"class": added}, "relabelled": 0}


@pytest.mark.usefixtures("revisions")
def test_for_people_it_ends_with_a_sentence_a_source(monkeypatch: pytest.MonkeyPatch, capsys: Printed) -> None:
    assert command(monkeypatch, "compare") == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "class 60 7 to 1 +10.00" in printed
    assert "Train digits added: class 20; photo class/c.jpg (20); writer class/c (20)." in printed
    assert printed.endswith(
        "class: helped: 6 digits fixed, none broken; this is of 2 writers' digits: at least 6 writers are needed to "
        "tell it of others. next: `git add . && git commit` keeps this run, and the next is compared with it"
    )


@pytest.mark.parametrize(
    ("verdicts", "told"),
    [
        ({"no evidence yet"}, "next: collect more"),
        ({"no evidence yet", "helped"}, "next: `git add . && git commit` keeps"),
        ({"helped", "hurt"}, "next: look at what broke"),
    ],
)
def test_the_last_line_says_what_to_do_now(verdicts: set[str], told: str) -> None:
    assert compare.next_step(verdicts).startswith(told)


@pytest.mark.parametrize(("arguments", "count"), [((), 1), (("HEAD", "other"), 0), (("--json",), 0)])
def test_only_people_who_compare_their_own_run_are_told_what_to_do(
    arguments: tuple[str, ...],
    count: int,
    revisions: dict[str, Files],
    monkeypatch: pytest.MonkeyPatch,
    capsys: Printed,
) -> None:
    revisions["other"] = revisions["workspace"]
    assert command(monkeypatch, "compare", *arguments) == 0
    assert capsys.readouterr().out.count("next: ") == count


def test_revisions_with_other_test_digits_are_refused(
    revisions: dict[str, Files], monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    more = joined(TEST, digits("class", 5, "test", writers=["d"], seed=3))
    revisions["workspace"] = run_of(more, AFTER, MNIST_TRAIN)
    assert command(monkeypatch, "compare") == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert "got 100 in HEAD and 105 in workspace: 5 only in workspace" in said.err
    assert command(monkeypatch, "compare", "--common", "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert report["left_out"] == {"before": 0, "after": 5, "label": 0}
    assert report["sources"]["handwriting"]["n"] == 60


def test_revisions_with_no_test_digit_in_common_are_refused_for_good(
    revisions: dict[str, Files], monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    revisions["workspace"] = run_of(digits("new", 5, "test"), {}, MNIST_TRAIN)
    assert command(monkeypatch, "compare", "--common") == 1
    assert "they have none in common" in capsys.readouterr().err


@pytest.mark.parametrize("side", ["HEAD", "workspace"])
def test_a_test_digit_whose_writer_either_was_trained_on_is_refused(
    revisions: dict[str, Files], monkeypatch: pytest.MonkeyPatch, capsys: Printed, side: str
) -> None:
    leaked = digits("class", 20, "train", writers=["c", "b"], seed=2)
    revisions[side] = run_of(TEST, AFTER, MNIST_TRAIN, leaked)
    assert command(monkeypatch, "compare") == 1
    assert f"error: {side}: expected test digits by writers that neither" in (said := capsys.readouterr().err)
    assert "such as writer class/b" in said


def test_equal_revisions_are_told_to_be_equal(
    revisions: dict[str, Files], monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    revisions["HEAD"] = revisions["workspace"]
    assert command(monkeypatch, "compare") == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "Both were trained on the same digits. The two have the very same predictions." in printed
    assert "no evidence yet: both read the same digits right" in printed


def test_other_parameters_are_told_and_that_the_gain_is_of_all_together(
    revisions: dict[str, Files], monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    revisions["HEAD"] = run_of(TEST, BEFORE, MNIST_TRAIN, arch="lenet5")
    assert command(monkeypatch, "compare") == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "the gain is that of all changes together" in printed
    assert "Parameter model.arch: lenet5 before, digitnet after." in printed


def test_parameters_that_change_no_prediction_are_not_told() -> None:
    before: dict[str, Any] = {"train": {"seed": 0, "folds": 5}, "sweep": {"grid": 1}, "parallel": {"workers": 1}}
    after: dict[str, Any] = {"train": {"seed": 1, "folds": 5}, "sweep": {"grid": 2}, "parallel": {"workers": 0}}
    assert compare.changed(before, after) == {"train.seed": [0, 1]}
    evaluated = {"tracked_digits": [2], "robustness_digits": 0, "gap_digits": 0}
    idle = {"sweep": {"fixed": {"train.epochs": 3}}, "parallel": {"workers": 1}, "audit": {"unsure": 0.4}}
    assert compare.changed({}, {**idle, "evaluate": evaluated}) == {"evaluate.tracked_digits": [None, [2]]}
    assert compare.changed(before, {}) == {"train.folds": [5, None], "train.seed": [0, None]}


@pytest.mark.slow
@pytest.mark.usefixtures("revisions")
def test_the_picture_is_drawn_of_handwriting_or_of_a_named_source(
    monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    drawn: list[tuple[str, int]] = []

    def draw(path: Path, shown: before_after.Compared, entry: dict[str, Any], names: tuple[str, str]) -> None:
        assert (path.name, names) == ("a.png", ("HEAD", "workspace"))
        of_image = dict(zip(map(bytes, digit_table.images(TEST)), digit_table.labels(TEST), strict=True))
        assert [of_image[bytes(image)] for image in shown.images] == shown.readings.labels.tolist()
        drawn.append((entry["shown_as"], len(shown.images)))

    monkeypatch.setattr(before_after, "draw", draw)
    for chosen in ([], ["--source", "mnist"]):
        assert command(monkeypatch, "compare", "--out", "a.png", *chosen) == 0
    assert drawn == [("handwriting", 60), ("mnist", 40)]
    capsys.readouterr()
    assert command(monkeypatch, "compare", "--out", "d.png", "--source", "klass") == 1
    assert "expected one of mnist, class, handwriting, got `klass`" in capsys.readouterr().err
    assert command(monkeypatch, "compare", "--source", "class") == 1


def test_a_revision_without_predictions_is_one_line_that_says_what_to_run(
    revisions: dict[str, Files], monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    revisions["HEAD"] = {}
    assert command(monkeypatch, "compare") == 1
    assert "error: HEAD: expected data/predictions.parquet, found none; run `dvc repro` and commit" in (
        capsys.readouterr().err
    )
