import socket
import sys
from types import SimpleNamespace

import pytest

from pipeline import parallel
from pipeline.cluster.join import joined
from pipeline.errors import BadInputError
from pipeline.params import Parallel


def test_a_missing_ray_is_told_with_the_key_and_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    told = r"parallel.backend: expected Ray installed .*pip install -e '.\[ray\]'"
    with pytest.raises(BadInputError, match=told), joined("auto"):
        pass


def test_an_address_where_nobody_answers_is_told_before_ray_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", SimpleNamespace(init=lambda **_: pytest.fail("asked Ray")))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    told = rf"parallel.address: expected a Ray cluster at '127.0.0.1:{port}', got: .*refused"
    with pytest.raises(BadInputError, match=told), joined(f"127.0.0.1:{port}"):
        pass


@pytest.mark.parametrize("address", ["127.0.0.1:70000", "no.such.machine.invalid:6379"])
def test_an_address_that_cannot_be_is_told(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setitem(sys.modules, "ray", SimpleNamespace(init=lambda **_: pytest.fail("asked Ray")))
    with pytest.raises(BadInputError, match=f"parallel.address: .* at '{address}', got: "), joined(address):
        pass


@pytest.mark.parametrize("error", [ConnectionError("no\nRay"), RuntimeError("other version"), ValueError("address")])
def test_what_ray_says_when_it_cannot_join_is_one_line(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def init(**_: object) -> None:
        raise error

    monkeypatch.setitem(sys.modules, "ray", SimpleNamespace(init=init))
    with pytest.raises(BadInputError, match=r"parallel.address: .* got: .*; start one with `ray start") as caught:
        joined("auto").__enter__()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("lent", [{}, {"CPU": 0.0, "GPU": 1.0}])
def test_a_cluster_that_lends_no_core_is_told_and_left(monkeypatch: pytest.MonkeyPatch, lent: dict[str, float]) -> None:
    left: list[bool] = []
    fake = SimpleNamespace(
        init=lambda **_: None, cluster_resources=lambda: lent, shutdown=lambda: left.append(True), __spec__=None
    )
    monkeypatch.setitem(sys.modules, "ray", fake)
    with pytest.raises(BadInputError, match=r"parallel.address: expected a cluster that lends cores, got none"):
        joined("auto").__enter__()
    assert left == [True]


def test_a_cluster_is_used_where_it_helps_and_left_after_the_block(monkeypatch: pytest.MonkeyPatch) -> None:
    lent = {"CPU": 6.0, "GPU": 3.0}
    fake = SimpleNamespace(init=lambda **_: None, cluster_resources=lambda: lent, shutdown=lambda: None)
    monkeypatch.setitem(sys.modules, "ray", fake)
    assert parallel.gpus() is None
    with parallel.on(Parallel(backend="ray", address="auto", workers=0)):
        assert (parallel.cores(0), parallel.cores(4), parallel.gpus()) == (6, 4, 3)
        # One after another needs no cluster: these would ask the fake for what it has not.
        assert list(parallel.each(abs, [-1, -2], workers=1, title="one worker")) == [1, 2]
        assert list(parallel.each(abs, [-1], workers=0, title="one task")) == [1]
        with pytest.raises(AttributeError):
            list(parallel.each(abs, [-1], workers=0, title="one task with a GPU", gpu=True))
    assert parallel.gpus() is None
