import hashlib
import os
import pickle
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from pipeline import store as stores
from pipeline.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "kept", 1.0)


def test_what_is_put_is_got_by_its_key_alone(store: Store) -> None:
    store.put("a", b"first")
    store.put("b", b"x" * 100_000)
    assert store.get("a") == b"first"
    assert store.get("b") == b"x" * 100_000
    assert store.get("c") is None
    assert "a" in store
    assert "c" not in store
    store.put("a", b"second")
    assert store.get("a") == b"second"


def test_clearing_forgets_everything(store: Store) -> None:
    store.put("a", b"first")
    store.clear()
    assert store.get("a") is None


@pytest.mark.slow
def test_the_store_stays_within_its_bound_and_keeps_what_was_used_last(tmp_path: Path) -> None:
    store = Store(tmp_path / "kept", 0.001)
    store.put("used", b"u" * 50_000)
    for number in range(100):
        store.put(str(number), bytes([number]) * 50_000)
        assert store.get("used") is not None, number
    assert store.bytes < 1_300_000  # the bound, one entry, and the data base itself
    assert store.get("0") is None
    assert store.get("99") is not None


def test_a_changed_file_has_another_digest_and_an_untouched_one_is_not_opened_again(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = tmp_path / "a.jpg"
    photo.write_bytes(b"one")
    assert store.known_digest(photo) is None
    first = store.digest(photo)
    with monkeypatch.context() as patched:
        patched.setattr(Path, "open", lambda *_: pytest.fail("opened"))
        assert store.known_digest(photo) == first
    times = photo.stat().st_atime_ns, photo.stat().st_mtime_ns
    photo.write_bytes(b"two")  # as long as before
    os.utime(photo, ns=times)  # and as old
    assert store.known_digest(photo) is None
    assert store.digest(photo) != first
    (tmp_path / "b.jpg").write_bytes(b"one")
    assert store.digest(tmp_path / "b.jpg") == first


def test_a_file_that_changes_while_it_is_hashed_is_hashed_again(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo, hashed = tmp_path / "a.jpg", hashlib.file_digest
    photo.write_bytes(b"one")

    def and_then_another(file: Any, algorithm: Any) -> Any:
        found = hashed(file, algorithm)
        photo.write_bytes(b"two")
        return found

    with monkeypatch.context() as patched:
        patched.setattr(hashlib, "file_digest", and_then_another)
        first = store.digest(photo)
    assert store.known_digest(photo) is None
    assert store.digest(photo) != first


def test_a_key_that_is_no_utf_8_is_not_kept_and_stops_nothing(store: Store) -> None:
    with pytest.warns(UserWarning, match="this was not kept"):
        store.put("caf\udce9", b"first")
    assert "caf\udce9" not in store
    assert store.get("caf\udce9") is None


@pytest.mark.parametrize("bound", ["inf", "nan", "-1", "0", "ten", ""])
def test_a_bound_that_is_none_keeps_nothing_and_says_so(
    bound: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(stores.PLACE, str(tmp_path))
    monkeypatch.setenv(stores.SIZE, bound)
    with pytest.warns(UserWarning, match=f"nothing is reused: .*{stores.SIZE}"):
        assert stores.store.__wrapped__() is None


def test_a_pickle_in_the_store_is_never_loaded(tmp_path: Path) -> None:
    import diskcache

    with diskcache.Cache(str(tmp_path / "kept")) as plain:
        plain.set("a", Trap())
    assert Store(tmp_path / "kept", 1.0).get("a") is None


class Trap:
    def __reduce__(self) -> tuple[object, ...]:
        return pytest.fail, ("the pickle was loaded",)


def test_a_trap_is_a_trap() -> None:
    with pytest.raises(pytest.fail.Exception):
        pickle.loads(pickle.dumps(Trap()))


@pytest.mark.slow
def test_two_processes_may_write_at_once(tmp_path: Path) -> None:
    with ProcessPoolExecutor(2) as pool:
        list(pool.map(_fill, [tmp_path / "kept"] * 2, "ab"))
    store = Store(tmp_path / "kept", 1.0)
    assert all(store.get(f"{name}{number}") == name.encode() * 40_000 for name in "ab" for number in range(100))


def _fill(folder: Path, name: str) -> None:
    store = Store(folder, 1.0)
    for number in range(100):
        store.put(f"{name}{number}", name.encode() * 40_000)


def test_a_folder_that_cannot_be_used_is_told_once_and_does_without(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv(stores.PLACE, str(tmp_path / "file"))
    with pytest.warns(UserWarning, match="nothing is reused"):
        assert stores.store.__wrapped__() is None
    monkeypatch.setenv(stores.PLACE, "")
    assert stores.store.__wrapped__() is None
