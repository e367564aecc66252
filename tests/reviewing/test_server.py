import io
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from pipeline.reviewing.guard import App
from pipeline.reviewing.project import Project
from pipeline.reviewing.server import PAGE, app
from tests.reviewing import made_project
from tests.reviewing.asked import PORT, TOKEN, Answer, ask, put

Items = dict[tuple[str, int | None, int | None], dict[str, object]]


@pytest.fixture
def served(project: Project) -> App:
    return app(project, port=PORT, token=TOKEN)


def items(served: App) -> Items:
    answer = ask(served, "queue")
    assert answer.status == 200, answer.body
    return {(item["photo"], item["row"], item["col"]): item for item in answer.json["items"]}


def key(served: App, photo: str, row: int, col: int) -> str:
    return str(items(served)[photo, row, col]["key"])


def lines(project: Project) -> list[str]:
    return project.verdicts.path.read_text().splitlines()[1:] if project.verdicts.path.exists() else []


def test_suspects_and_rejects_are_listed_with_what_is_known(served: App) -> None:
    found = items(served)
    assert {place: item["kind"] for place, item in found.items()} == {
        ("c/a.png", 0, 0): "suspect", ("c/a.png", 0, 2): "suspect",
        ("c/b.png", 0, 0): "reject", ("c/b.png", 1, 0): "reject",
    }  # fmt: skip
    suspect, reject = found["c/a.png", 0, 0], found["c/b.png", 1, 0]
    assert (suspect["label"], suspect["prediction"], suspect["probability"]) == (1, 7, 0.75)
    assert (reject["label"], reject["reason"], reject["split"]) == (6, "touches-edge", "test")
    assert {item["verdict"] for item in found.values()} == {None}
    assert any("1 suspects" in note for note in ask(served, "queue").json["notes"])


def test_each_verdict_is_a_line_at_once_and_undo_takes_it_back(served: App, project: Project) -> None:
    one, other = key(served, "c/a.png", 0, 0), key(served, "c/b.png", 1, 0)
    assert put(served, one, "7").json == {"verdict": "7"}
    assert lines(project) == ["c/a.png,0,0,7"]
    put(served, other, "6")
    put(served, one, "drop", "7")
    assert lines(project) == ["c/a.png,0,0,drop", "c/b.png,1,0,6"]
    assert items(served)["c/a.png", 0, 0]["verdict"] == "drop"
    put(served, one, "7", "drop")
    put(served, one, None, "7")
    assert lines(project) == ["c/b.png,1,0,6"]


def test_a_window_that_saw_another_verdict_is_told(served: App, project: Project) -> None:
    one = key(served, "c/a.png", 0, 0)
    put(served, one, "7")
    answer = put(served, one, "1", None)
    assert (answer.status, answer.json["verdict"]) == (409, "7")
    assert lines(project) == ["c/a.png,0,0,7"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"key": "%s", "label": "12", "expected": null}', 400),
        (b'{"key": "%s", "label": 7, "expected": null}', 400),
        (b'{"key": "%s", "label": ["7"], "expected": null}', 400),
        (b'{"key": "%s", "label": "7"}', 400),
        (b'{"key": ["%s"], "label": "7", "expected": null}', 400),
        (b'{"key": "nobody", "label": "7", "expected": null}', 404),
        (b'["%s"]', 400),
        (b"no JSON", 400),
        (b" " * 5000, 413),
    ],
)
def test_what_is_no_verdict_is_refused(body: bytes, status: int, served: App, project: Project) -> None:
    said = body.replace(b"%s", key(served, "c/a.png", 0, 0).encode())
    assert ask(served, "verdict", body=said, content_type="application/json").status == status
    assert lines(project) == []


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_what_a_form_of_another_site_can_send_is_refused(kind: str, served: App, project: Project) -> None:
    """JSON cannot be sent across sites without asking first (Fetch standard, CORS-safelisted content types)."""
    assert put(served, key(served, "c/a.png", 0, 0), "7", content_type=kind).status == 415
    assert ask(served, "verdict").status == 405
    assert lines(project) == []


def picture(answer: Answer) -> Image.Image:
    assert answer.status == 200, answer.body
    return Image.open(io.BytesIO(answer.body))


def test_a_digit_is_shown_in_its_row_alone_and_on_the_whole_photo(served: App, project: Project) -> None:
    one = key(served, "c/a.png", 0, 2)
    assert picture(ask(served, f"picture/strip/{one}")).size == (1120, 320)
    digit = np.asarray(picture(ask(served, f"picture/digit/{one}")))
    read = next(digit for digit in project.photos.reading("c/a.png").digits if (digit.row, digit.col) == (0, 2))
    assert np.array_equal(255 - digit, read.image)
    with Image.open(project.files.raw / "c/a.png") as photo:
        assert picture(ask(served, f"picture/whole/{one}")).size == photo.size


def test_a_rejects_ink_is_shown_as_the_digit_that_it_would_be(served: App) -> None:
    digit = np.asarray(picture(ask(served, f"picture/digit/{key(served, 'c/b.png', 0, 0)}")))
    assert digit.shape == (28, 28)
    assert digit.min() < 50


@pytest.mark.parametrize(
    "path",
    [
        "picture/strip/nobody",
        "picture/other/{key}",
        "picture/strip/../../raw/c/a.png",
        "picture/strip/%2e%2e",
        "server.py",
        "../server.py",
        "page/page.js",
        "%2e%2e/server.py",
        "picture/digit//etc/passwd",
        "params.yaml",
    ],
)
def test_nothing_but_the_page_and_its_pictures_can_be_had(path: str, served: App) -> None:
    assert ask(served, path.format(key=key(served, "c/a.png", 0, 0))).status == 404


def test_the_page_asks_no_other_machine_for_anything(served: App) -> None:
    """It works without a network, and tells nobody what is looked at."""
    for path in PAGE.iterdir():
        answer = ask(served, "" if path.name == "index.html" else path.name)
        assert answer.status == 200
        text = answer.body.decode().replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?:|//[a-z]", re.sub(r"^\s*//.*$", "", text, flags=re.M)), path
    page = (PAGE / "index.html").read_text()
    assert not re.search(r"\son\w+=|style=|<script>|<style>", page), "the content security policy forbids it"


def test_every_part_that_the_script_names_is_on_the_page() -> None:
    page = (PAGE / "index.html").read_text()
    ids = set(re.findall(r'id="([\w-]+)"', page))
    for path in PAGE.glob("*.js"):
        assert set(re.findall(r'(?:by|say)\("([\w-]+)"', path.read_text())) <= ids


def test_a_photo_that_is_gone_costs_its_pictures_only(served: App, project: Project) -> None:
    one = key(served, "c/a.png", 0, 0)
    (project.files.raw / "c/a.png").unlink()
    assert ask(served, f"picture/strip/{one}").status == 404
    assert "c/a.png" in ask(served, "queue").body.decode()


@pytest.mark.parametrize("photo", ["c/a.png", "nosuch/x.png"])
def test_a_verdict_on_a_photo_that_is_gone_can_be_taken_back_and_not_given(
    photo: str, served: App, project: Project
) -> None:
    """The next run would stop at its line of the corrections, as nothing is read there."""
    project.verdicts.put((photo, 0, 0), "3", None)
    one = key(served, photo, 0, 0)
    ask(served, f"picture/whole/{one}")
    (project.files.raw / "c/a.png").unlink()
    for label in ("7", "drop"):
        answer = put(served, one, label, "3")
        assert answer.status == 409
        assert answer.json == {"error": f"{photo}: the photo is gone, or is not read any more; run `dvc repro`"}
    assert lines(project) == [f"{photo},0,0,3"]
    assert put(served, one, None, "3").json == {"verdict": None}
    assert lines(project) == []


@pytest.mark.slow
def test_a_verdict_on_a_photo_that_another_one_replaced_is_refused_until_the_next_run(
    served: App, project: Project
) -> None:
    one, photo = key(served, "c/a.png", 0, 0), project.files.raw / "c" / "a.png"
    before, pixels = ask(served, f"picture/whole/{one}").body, project.photos.picture("c/a.png")
    assert pixels is not None
    with Image.open(photo) as image:
        ImageOps.mirror(image).save(photo)
    assert ask(served, f"picture/whole/{one}").body != before
    now = project.photos.picture("c/a.png")
    assert now is not None
    assert not np.array_equal(now, pixels)
    for label in ("7", "drop"):
        assert put(served, one, label).status == 409
    assert lines(project) == []
    project.files.rejects.write_text(project.files.rejects.read_text() + "\n")  # as after a run
    assert put(served, one, "drop").status == 200


def test_a_wrong_line_of_the_corrections_is_told_on_the_page(served: App, project: Project) -> None:
    project.verdicts.path.write_text("photo,row,col,label\nc/a.png,0,0,x\n")
    answer = ask(served, "queue")
    assert (answer.status, "line 2" in answer.json["error"]) == (422, True)


def test_after_a_run_accepted_digits_are_there_and_the_page_says_so(served: App, project: Project) -> None:
    assert ask(served, "changes").json["waiting"] is False
    for place, label in (
        (("c/a.png", 0, 0), "7"),
        (("c/a.png", 0, 2), "3"),
        (("c/b.png", 0, 0), "5"),
        (("c/b.png", 1, 0), "drop"),
    ):
        put(served, key(served, *place), label)
    assert ask(served, "changes").json["waiting"] is True
    made_project.repro(project.folder)
    found = ask(served, "changes").json
    assert found["applied"] == {"relabelled": 1, "confirmed": 1, "dropped": 0, "accepted": 1, "left": 1}
    assert (found["waiting"], found["lines"], set(found["committed"].values())) == (False, 4, {0})
    after = items(served)
    assert (after["c/b.png", 0, 0]["kind"], after["c/b.png", 0, 0]["verdict"]) == ("decided", "5")
    assert after["c/b.png", 1, 0]["kind"] == "reject"
    assert picture(ask(served, f"picture/strip/{after['c/b.png', 0, 0]['key']}")).size == (1120, 320)


def test_before_any_run_the_page_says_what_to_do(project: Project, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    (empty / "raw").mkdir(parents=True)
    (empty / "params.yaml").write_bytes((project.folder / "params.yaml").read_bytes())
    answer = ask(app(made_project.opened(empty), port=PORT, token=TOKEN), "queue").json
    assert answer["items"] == []
    assert all("dvc repro" in note for note in answer["notes"])
    assert len(answer["notes"]) == 2
