"""A Ray cluster on loopback for tests: each machine of it is a session of processes that can be killed at once."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import pytest

from pipeline import parallel
from pipeline.params import Parallel

MARKS = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("ray") is None, reason="the extra `ray` is not installed"),
    pytest.mark.skipif(sys.platform != "linux", reason="machines are killed by their session, found in /proc"),
]
SOON = (
    '{"health_check_initial_delay_ms":500,"health_check_period_ms":500,"health_check_failure_threshold":2}'  # 15 s else
)
STORE = 100_000_000  # bytes of shared memory a machine
CLUSTERS = 3  # that are tried
MEETING = 30.0  # seconds; two tasks meet within one or two
PATIENCE = 100.0  # seconds; what is waited for takes one or two, or ten on a busy machine
FOREVER = 600.0  # seconds, as tests go: for tasks that end by being killed
# A token: without one, whoever reaches the cluster's ports may run code in it. No kept readings: all is computed anew.
ALONE = {
    "RAY_AUTH_MODE": "token",
    "RAY_AUTH_TOKEN": secrets.token_hex(32),
    "RAY_USAGE_STATS_ENABLED": "0",
    "MNIST_CN_CACHE": "",
}


@dataclass
class Running:
    """A head that lends one core, and machines that were added to it."""

    address: str
    folder: Path
    machines: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def second(self) -> int:
        """The session id of the machine that was added first."""
        return self.machines[1].pid

    def add(self, *options: str) -> int:
        """Start a machine that lends one core, and return its process id, which is the session id of all it runs."""
        command = [str(Path(sys.executable).parent / "ray"), "start", "--block", "--node-ip-address=127.0.0.1"]
        command += ["--num-cpus=1", f"--object-store-memory={STORE}", *options]
        with (self.folder / f"log-{len(self.machines)}").open("wb") as log:
            machine = subprocess.Popen(command, start_new_session=True, stdout=log, stderr=log, env=os.environ | ALONE)
        self.machines.append(machine)
        return machine.pid

    def kill(self, session: int) -> None:
        """Kill a machine, and wait until the cluster knows it."""
        kill(session)
        wait_for(lambda: _alive() == 1, self.log)

    def log(self) -> str:
        """Return what the machines said, for a failing test."""
        return "\n".join(path.read_text() for path in sorted(self.folder.glob("log-*")))


@contextmanager
def pair() -> Iterator[Running]:
    """Start a head and a second machine, which lends what passes for a GPU, and join them.

    Once in many runs Ray 2.60 gives the second machine no task that the head could do as well, for minutes, though it
    counts its core and sends it what only it can do. No test of ours can use such a cluster: another is started.
    """
    for _ in range(CLUSTERS):
        with _head() as started, parallel.on(Parallel(backend="ray", address=started.address, workers=0)):
            started.add(f"--address={started.address}", "--num-gpus=1")
            wait_for(lambda: _alive() == 2, started.log)
            if _met(started.folder):
                yield started
                return
    raise AssertionError(f"of {CLUSTERS} clusters none gave two tasks at once to its two machines")


@contextmanager
def _head() -> Iterator[Running]:
    """Start a head; at the end kill whatever belongs to the cluster."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    folder = Path(tempfile.mkdtemp(prefix="mnist-cn-ray-", dir="/tmp"))  # a socket's path is short: 107 bytes
    running = Running(f"127.0.0.1:{port}", folder)
    try:
        running.add(
            "--head",
            f"--port={port}",
            "--include-dashboard=false",
            f"--temp-dir={folder}",
            f"--system-config={SOON}",
        )
        wait_for(lambda: _answers(port), running.log)
        yield running
    finally:
        for machine in running.machines:
            kill(machine.pid)
            machine.wait()
        shutil.rmtree(folder, ignore_errors=True)


def wait_for(condition: Callable[[], bool], state: Callable[[], str]) -> None:
    """Wait until a condition holds; fail, and tell the state, where it takes too long."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, state()
        time.sleep(0.05)


def _met(folder: Path) -> bool:
    """Return whether two tasks, each of which waits for the other, run at once."""
    import ray

    @ray.remote  # type: ignore[untyped-decorator]  # Ray is not analysed
    def meet(own: Path, other: Path) -> bool:
        own.touch()
        end = time.monotonic() + MEETING
        while not other.exists() and time.monotonic() < end:
            time.sleep(0.05)
        return other.exists()

    one, other = folder / "one", folder / "other"
    return all(ray.get([meet.remote(one, other), meet.remote(other, one)], timeout=PATIENCE))


def _answers(port: int) -> bool:
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port)) == 0


def _alive() -> int:
    import ray

    return sum(node["Alive"] for node in ray.nodes())


def kill(session: int) -> None:
    """Kill all processes of a machine at once, as a power cut does."""
    for process in (int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()):
        try:
            if os.getsid(process) == session:
                os.kill(process, signal.SIGKILL)
        except ProcessLookupError:  # it ended meanwhile
            continue
