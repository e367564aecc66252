import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import BadInputError
from pipeline.reader.corrections import Place, load
from pipeline.reviewing.verdicts import LABELS, ChangedMeanwhileError, Verdicts, edited
from pipeline.store import PLACE
from tests.laws import up_to

HEAD = "photo,row,col,label\n"
PATH = Path("corrections.csv")
places = st.tuples(
    st.sampled_from(["c/a.jpg", "c/b, c.jpg", 'c/"d".png', "c/\u5b57.jpg"]), st.integers(0, 2), st.integers(0, 2)
)
steps = st.lists(st.tuples(places, st.none() | st.sampled_from(LABELS)), max_size=20)


@pytest.fixture
def verdicts(tmp_path: Path) -> Verdicts:
    return Verdicts(tmp_path / "corrections.csv", tmp_path / "locks")


def read(text: str, path: Path) -> dict[Place, str]:
    path.write_bytes(text.encode())
    return Verdicts(path, path.parent).all()


def test_a_folder_that_cannot_be_written_is_told_by_the_files_own_name(tmp_path: Path) -> None:
    path = tmp_path / "gone" / "corrections.csv"
    with pytest.raises(FileNotFoundError) as caught:
        Verdicts(path, tmp_path / "locks").put(("c/a.jpg", 0, 0), "7", None)
    assert caught.value.filename == str(path)


def test_where_no_lock_can_be_made_it_is_told_before_anybody_looks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv(PLACE, str(tmp_path / "file"))
    with pytest.raises(BadInputError, match=f"set {PLACE} to a folder that can be written"):
        Verdicts(tmp_path / "corrections.csv").check()
    monkeypatch.setenv(PLACE, str(tmp_path / "kept"))
    Verdicts(tmp_path / "corrections.csv").check()
    assert (tmp_path / "kept" / "locks").is_dir()


@settings(max_examples=up_to(40))
@given(
    said=steps,
    start=st.sampled_from(
        ["", HEAD, "\ufeff" + HEAD.replace("\n", "\r\n"), HEAD + " c/a.jpg , 0,1,drop\n\n,,,\n \nc/z,9,9,9"]
    ),
)
def test_any_verdicts_leave_what_a_dictionary_would_hold(
    said: list[tuple[Place, str | None]], start: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "modelled.csv"
    text, model = start, read(start, path) if start else {}
    for place, label in said:
        text = edited(text, place, label, path)
        model = {one: kept for one, kept in model.items() if one != place} | ({place: label} if label else {})
    assert text == start or read(text, path) == model


@settings(max_examples=up_to(40))
@given(steps, places, st.sampled_from(LABELS))
def test_a_verdict_and_its_undo_leave_every_other_line_as_it_was(
    given_: list[tuple[Place, str | None]], place: Place, label: str
) -> None:
    text = HEAD
    for one, said in given_:
        text = edited(text, one, said, PATH)
    text = edited(text, place, None, PATH)
    assert edited(edited(text, place, label, PATH), place, None, PATH) == text


def test_a_new_line_is_the_only_change_that_git_shows() -> None:
    before = "\ufeffphoto,row,col,label\r\nc/a.jpg,0,0,3\r\n\r\n c/b.jpg , 1,1,drop"
    after = edited(before, ("c/a.jpg", 0, 1), "7", PATH)
    assert after == before + "\r\n" + "c/a.jpg,0,1,7\r\n"
    assert edited(after, ("c/a.jpg", 0, 0), "4", PATH) == after.replace("0,0,3", "0,0,4")


def test_a_later_verdict_takes_the_earlier_ones_line(verdicts: Verdicts) -> None:
    place = ("c/a.jpg", 0, 0)
    verdicts.put(place, "7", None)
    verdicts.put(("c/a.jpg", 0, 1), "drop", None)
    verdicts.put(place, "drop", "7")
    assert verdicts.path.read_text() == HEAD + "c/a.jpg,0,0,drop\nc/a.jpg,0,1,drop\n"
    assert [one.label for one in load(verdicts.path)] == [None, None]


def test_a_window_that_saw_another_verdict_changes_nothing(verdicts: Verdicts) -> None:
    place = ("c/a.jpg", 0, 0)
    verdicts.put(place, "7", None)
    with pytest.raises(ChangedMeanwhileError) as caught:
        verdicts.put(place, "1", None)
    assert caught.value.found == "7"
    assert verdicts.all() == {place: "7"}


def test_the_lock_is_given_back_after_every_verdict_kept_or_refused(
    verdicts: Verdicts, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[FileLock] = []  # kept: a lock that nobody holds any more is given back by Python itself

    def keeping(path: Path, timeout: float) -> FileLock:
        taken.append(FileLock(path, timeout=timeout))
        return taken[-1]

    monkeypatch.setattr("pipeline.reviewing.verdicts.FileLock", keeping)
    monkeypatch.setattr("pipeline.reviewing.verdicts.PATIENCE", 0.2)
    verdicts.put(("c/a.jpg", 0, 0), "7", None)
    with pytest.raises(ChangedMeanwhileError):
        verdicts.put(("c/a.jpg", 0, 0), "1", None)
    verdicts.put(("c/a.jpg", 0, 1), "7", None)
    assert [one.is_locked for one in taken] == [False] * 3


def test_a_wrong_line_is_a_persons_to_correct(verdicts: Verdicts) -> None:
    verdicts.path.write_text(HEAD + "c/a.jpg,0,0,x\n")
    with pytest.raises(BadInputError, match="line 2"):
        verdicts.put(("c/a.jpg", 1, 1), "1", None)
    assert verdicts.path.read_text() == HEAD + "c/a.jpg,0,0,x\n"


def test_nothing_but_the_corrections_is_left_beside_them(verdicts: Verdicts) -> None:
    """raw/ is an input of stage `sheets`: a lock or a draft in it would make `dvc repro` run."""
    (verdicts.path.parent / ".draft.corrections.csv").write_text("left by a kill")
    verdicts.put(("c/a.jpg", 0, 0), "7", None)
    assert {path.name for path in verdicts.path.parent.iterdir()} == {"corrections.csv", "locks"}


def test_what_is_no_label_is_refused(verdicts: Verdicts) -> None:
    with pytest.raises(ValueError, match="expected a label"):
        verdicts.put(("c/a.jpg", 0, 0), "12", None)


WRITER = """
import sys
from pathlib import Path
from pipeline.reviewing.verdicts import Verdicts
verdicts = Verdicts(Path(sys.argv[1]), Path(sys.argv[2]))
for number in range(int(sys.argv[4])):
    verdicts.put((sys.argv[3], number // 100, number % 100), str(number % 10), None)
    print(number, flush=True)
"""


def writing(verdicts: Verdicts, photo: str, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, str(verdicts.path), str(verdicts.locks), photo, str(count)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


@pytest.mark.slow
def test_windows_that_write_at_once_lose_nothing(verdicts: Verdicts) -> None:
    running = [writing(verdicts, f"c/{name}.jpg", 40) for name in "abc"]
    assert [one.wait(120) for one in running] == [0, 0, 0]
    wanted = {(f"c/{name}.jpg", 0, number): str(number % 10) for name in "abc" for number in range(40)}
    assert verdicts.all() == wanted


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL on this system")
def test_a_kill_at_any_moment_loses_no_verdict_that_was_confirmed(verdicts: Verdicts) -> None:
    for attempt in range(3):
        photo = f"c/{attempt}.jpg"
        process = writing(verdicts, photo, 9999)
        assert process.stdout is not None
        told = process.stdout.readline()
        time.sleep(0.05 * (attempt + 1))
        process.send_signal(signal.SIGKILL)
        last = int(([told, *process.stdout.read().split("\n")[:-1]])[-1])
        process.wait(30)
        kept = {col + 100 * row for name, row, col in verdicts.all() if name == photo}
        assert kept in ({*range(last + 1)}, {*range(last + 2)})  # the last one may be written and not told
    verdicts.put(("c/after.jpg", 0, 0), "1", None)  # the dead one's lock is free
