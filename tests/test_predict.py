import csv
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from pipeline import predict
from pipeline.asked import entries_of
from pipeline.digits import images, labels
from pipeline.errors import BadInputError
from pipeline.learning.architectures import build
from pipeline.learning.ensemble import CARD, HowRead, load_ensemble, save_ensemble
from pipeline.learning.weights import weights_bytes
from pipeline.params import Model, load
from pipeline.predict import limits_of, safely_read
from tests import bundled
from tests.params_file import ROOT
from tests.reader import drawn, drawn_grid
from tests.reader.paper.test_upright import page
from tests.test_cli import command
from tests.test_hostile import hostile

ROWS = ("10235", "82346", "97531")
HOW = HowRead(normalisation="mnist-1", sheets=load(ROOT / "params.yaml").sheets)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two networks that saw the bundled digits twice over, in a folder of their own."""
    table = bundled.table()
    pixels = torch.tensor(images(table)).float().div(255)[:, None]
    wanted = torch.tensor(labels(table)).long()
    weights = []
    for seed in range(2):
        network = build("mlp", "relu", seed).train()
        order = torch.Generator().manual_seed(seed)
        for _ in range(80):
            chosen = torch.randint(len(wanted), (128,), generator=order)
            loss = torch.nn.functional.cross_entropy(network(pixels[chosen]), wanted[chosen])
            network.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]  # torch's stub
            with torch.no_grad():
                for parameter in network.parameters():
                    assert parameter.grad is not None
                    parameter.sub_(parameter.grad, alpha=0.2)
        weights.append(weights_bytes(network))
    folder = tmp_path_factory.mktemp("copied") / "models"
    save_ensemble(folder, Model(arch="mlp", activation="relu"), weights, HOW)
    return folder


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A folder without params.yaml: as on a machine that has the model folder and nothing else."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    table = bundled.table()
    Image.fromarray(page(ROWS, (images(table), labels(table)))).save(tmp_path / "page.png")
    return tmp_path / "page.png"


def right(rows: dict[str, str]) -> int:
    return sum(a == b for got, row in zip(rows.values(), ROWS, strict=True) for a, b in zip(got, row, strict=True))


@pytest.mark.slow
def test_rows_are_read_without_labels_and_without_a_repository(
    photo: Path, trained: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    wanted = (photo, "--models", trained, "--layout", "rows", "--threshold", 0, "--json", "a.json", "--csv", "a.csv")
    assert command(monkeypatch, "predict", *wanted) == 0
    (found,) = json.loads((tmp_path / "a.json").read_text())["photos"]
    assert right(found["rows"]) >= 13
    assert capsys.readouterr().out.splitlines() == [
        "page.png: 15 digits read, 0 abstained from, 0 rejects",
        *(f"  row {row}: {text}" for row, text in found["rows"].items()),
        "  see page-predicted.jpg",
        predict.next_step([photo], 0),
    ]
    with (tmp_path / "a.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert "".join(line["prediction"] for line in lines) == "".join(found["rows"].values())
    with Image.open(tmp_path / "page-predicted.jpg") as picture, Image.open(photo) as shot:
        assert picture.size == shot.size


@pytest.mark.slow
def test_the_same_photo_gives_the_same_bytes(photo: Path, trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = []
    for name in "ab":
        out = (f"{name}.jpg", f"{name}.json", f"{name}.csv")
        said = ("--out", out[0], "--json", out[1], "--csv", out[2])
        assert command(monkeypatch, "predict", photo, "--models", trained, "--layout", "rows", *said) == 0
        written.append([Path(path).read_bytes() for path in out])
    assert written[0] == written[1]


@pytest.mark.slow
def test_photos_with_one_name_have_pictures_and_answers_of_their_own(
    photo: Path, trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = []
    for folder in ("ann", "ben"):
        (tmp_path / folder).mkdir()
        places.append(str(shutil.copy(photo, tmp_path / folder / "1.png")))
    arguments = [*places, "--layout", "rows", "--models", str(trained), "--out", "seen", "--json", "found.json"]
    assert command(monkeypatch, "predict", *arguments) == 0
    assert len({found["photo"] for found in json.loads(Path("found.json").read_text())["photos"]}) == 2
    assert len(list(Path("seen").rglob("*.jpg"))) == 2


@pytest.mark.slow
def test_what_is_less_sure_than_the_threshold_is_named_and_nothing_read_ends_with_1(
    photo: Path, trained: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = ("--models", trained, "--layout", "rows", "--threshold", 1, "--out", "a.jpg")
    assert command(monkeypatch, "predict", photo, *said) == 1
    out = capsys.readouterr().out
    assert "page.png: 0 digits read, 15 abstained from, 0 rejects" in out
    assert "  row 0: ?????" in out
    assert out.count("; below 1") == 15


@pytest.mark.slow
def test_hostile_files_beside_a_good_photo_cost_nothing(
    photo: Path, trained: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    places = []
    broken = {**hostile(), "broken.heic": b"\0\0\0\x18ftypheic" + bytes(40)}
    for name, content in broken.items():
        places.append(tmp_path / "all" / name)
        places[-1].parent.mkdir(exist_ok=True)
        places[-1].write_bytes(content)
    for name, level in (("black.png", 0), ("white.png", 255)):
        places.append(drawn.save(drawn.blank(level=level), tmp_path / "all" / name))
    assert command(monkeypatch, "predict", photo, *places, "--models", trained, "--layout", "rows", "--csv", "-") == 0
    lines = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    reasons = {line["photo"]: line["reason"] for line in lines if line["photo"] != "page.png"}
    assert set(reasons) == {path.name for path in places}
    assert all(reasons.values())
    assert reasons["huge.png"] == "too-large"
    assert (tmp_path / "predicted" / "page.png.jpg").is_file()
    assert command(monkeypatch, "predict", *places, "--models", trained, "--layout", "rows") == 1


def test_a_photo_that_the_reader_trips_over_is_a_reject(
    photo: Path, trained: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def trips(*_: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("pipeline.predict.read_photo", trips)
    assert command(monkeypatch, "predict", photo, "--models", trained, "--layout", "rows") == 1
    assert "reader-failed: ZeroDivisionError: a bug; please report this photo" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("photos", "told"),
    [
        (["a.jpg"], "put them into raw/"),
        (["raw/c/a.jpg", "a.jpg"], "put them into raw/"),
        (["raw/c/a.jpg", "raw/d"], "these photos lie in raw/"),
        (["raw"], "these photos lie in raw/"),
    ],
)
def test_photos_that_are_trained_on_are_not_asked_for_again(photos: list[str], told: str, tmp_path: Path) -> None:
    (tmp_path / "dvc.yaml").touch()
    assert told in predict.next_step([Path(photo) for photo in photos], 0.5)


@pytest.mark.slow
def test_in_a_collection_the_picture_lies_above_what_is_read(
    photo: Path, trained: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    collection = tmp_path / "raw" / "c"
    collection.mkdir(parents=True)
    photo.rename(collection / "page.png")
    (tmp_path / "dvc.yaml").touch()
    monkeypatch.chdir(collection)
    said = ("--models", trained, "--layout", "rows", "--threshold", 0)
    assert command(monkeypatch, "predict", "page.png", *said) == 0
    said_now = capsys.readouterr().out
    assert "  see ../../page-predicted.jpg" in said_now
    assert "these photos lie in raw/" in said_now
    assert (tmp_path / "page-predicted.jpg").is_file()
    assert [path.name for path in collection.iterdir()] == ["page.png"]
    for option, place in (("--out", "a.jpg"), ("--json", "page.png"), ("--csv", "../corrections.csv")):
        assert command(monkeypatch, "predict", "page.png", *said, option, place) == 1
        assert option in capsys.readouterr().err
    assert [path.name for path in tmp_path.glob("raw/**/*.*")] == ["page.png"]


def test_a_photo_without_markers_says_which_layouts_there_are(
    photo: Path, trained: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(monkeypatch, "predict", photo, "--models", trained) == 1
    assert "no printed sheet? --layout rows" in capsys.readouterr().out


@pytest.mark.slow
def test_a_photo_whose_turn_is_unsure_says_how_to_tell_it(
    trained: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], photo: Path
) -> None:
    with Image.open(photo) as shot:
        shot.rotate(90, expand=True).save("lying.png")
    assert command(monkeypatch, "predict", "lying.png", "--models", trained, "--layout", "rows") == 1
    assert "which way is up? --turn 0" in capsys.readouterr().out
    said = ("--layout", "rows", "--threshold", 0, "--turn", 90, "--json", "a.json")
    assert command(monkeypatch, "predict", "lying.png", "--models", trained, *said) == 0
    assert right(json.loads(Path("a.json").read_text())["photos"][0]["rows"]) >= 13


@pytest.mark.slow
def test_a_grid_and_a_crop_need_no_labels(trained: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    Image.fromarray(drawn_grid.page(("12345", "67890"), drawn_grid.Kind(), 3).rgb).save(tmp_path / "grid.png")
    said = ("--models", trained, "--threshold", 0, "--json", "a.json")
    assert command(monkeypatch, "predict", "grid.png", "--layout", "grid", *said) == 0
    rows = json.loads(Path("a.json").read_text())["photos"][0]["rows"]
    assert {row: len(text) for row, text in rows.items()} == {"0": 5, "1": 5}
    paper = drawn.blank(100, 100)
    drawn.write_digit(paper, "1", 45, 20)
    drawn.save(paper, tmp_path / "1.png")
    assert command(monkeypatch, "predict", "1.png", "--layout", "crops", *said) == 0
    assert json.loads(Path("a.json").read_text())["photos"][0]["rows"] == {"0": "1"}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nowhere.jpg"], "nowhere.jpg: expected a photo or a folder of photos, found no such file"),
        (["."], "expected photos, found none"),
        (["a.png", "--layout", "row"], "did you mean `rows`?"),
        (["a.png", "--models", "none"], "none/model.json: expected a trained model, got: No such file"),
    ],
)
def test_what_cannot_be_used_is_one_line(
    arguments: list[str], told: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    if arguments[0] == "a.png":
        drawn.save(drawn.page(["12"]), tmp_path / "a.png")
    assert command(monkeypatch, "predict", *arguments) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: ")
    assert told in line


def changed(trained: Path, folder: Path, **reader: object) -> Path:
    """A copy of the model folder whose `reader` says something else; None takes it out."""
    shutil.copytree(trained, folder)
    card = json.loads((folder / CARD).read_text())
    card["reader"] |= reader
    if None in reader.values():
        del card["reader"]
    (folder / CARD).write_text(json.dumps(card))
    return folder


def test_a_model_of_another_normalisation_is_refused_and_one_of_stretch_is_used_so(
    trained: Path, tmp_path: Path
) -> None:
    path = Path("models/model.json")
    assert limits_of(load_ensemble(trained).card, path) == HOW.sheets
    stretched = HOW.sheets.model_dump() | {"normalize": "stretch"}
    other = changed(trained, tmp_path / "stretch", normalisation="stretch-2", sheets=stretched)
    assert limits_of(load_ensemble(other).card, path).normalize == "stretch"
    for name, reader, told in (
        ("old", {"normalisation": "mnist-0"}, r"models/model.json: .* as `mnist-1`, got one for `mnist-0`"),
        ("mixed", {"sheets": stretched}, "as `stretch-2`, got one for `mnist-1`"),
        ("silent", {"normalisation": None}, "expected `reader`, .* found none: .* run `dvc repro train`"),
    ):
        card = load_ensemble(changed(trained, tmp_path / name, **reader)).card
        with pytest.raises(BadInputError, match=told):
            limits_of(card, path)


@pytest.mark.slow
def test_help_does_not_pay_for_torch() -> None:
    code = (
        "import sys; sys.argv = ['mnist-cn', 'predict', '--help']\n"
        "from pipeline import cli\n"
        "try:\n    cli.main()\nexcept SystemExit:\n    pass\n"
        "sys.exit(bool({'torch', 'onnxruntime', 'matplotlib', 'sklearn'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert "Read the digits on photos" in ran.stdout


@pytest.mark.slow
def test_real_rows_in_which_two_digits_touch_are_found_without_labels(real_photos: Path) -> None:
    (entry,) = entries_of(real_photos / "keunyoung_jung" / "digits.jpg", {})
    reading, _ = safely_read(entry, HOW.sheets)
    per_row = [sum(digit.row == row for digit in reading.digits) for row in range(12)]
    assert per_row == [10] * 12
    assert np.unique([digit.label for digit in reading.digits]).tolist() == [-1]
