"""A real SSH server on this machine for a test, with keys of its own: the user's and the system's are not touched."""

import getpass
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

SYSTEM_FOLDERS = ("/usr/sbin", "/usr/local/sbin", "/sbin")  # where sshd is, and where a user's PATH does not look
APART = Path("/run/sshd")  # where Debian's sshd locks itself up, when root starts it
PATIENCE = 20  # seconds until it listens


@dataclass(frozen=True)
class Server:
    """A server that listens on 127.0.0.1."""

    port: int
    user: str
    key: Path  # the private key that it lets in
    log: Path


def program() -> str:
    """Return where sshd is; skips the test, and says why, where it cannot be started."""
    found = shutil.which("sshd", path=os.pathsep.join([os.environ["PATH"], *SYSTEM_FOLDERS]))
    if found is None or shutil.which("ssh-keygen") is None:
        pytest.skip("no sshd on this machine: install openssh-server")
    if os.geteuid() == 0 and not APART.is_dir():
        pytest.skip(f"sshd wants a folder {APART} when root starts it: mkdir {APART}")
    return found


@contextmanager
def serving(folder: Path) -> Iterator[Server]:
    """Start a server that lets in the user who runs the test, by a key made for it; stop it at the end."""
    sshd = program()
    folder.mkdir()
    key, host_key = (_key(folder / name) for name in ("key", "host-key"))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = Server(port, getpass.getuser(), key, folder / "sshd.log")
    settings = folder / "sshd_config"
    settings.write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {host_key}\nAuthorizedKeysFile {key}.pub\nPidFile none\n"
        "StrictModes no\nUsePAM no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n"
        "Subsystem sftp internal-sftp\n"
    )
    with server.log.open("w") as log:
        started = subprocess.Popen([sshd, "-D", "-e", "-f", str(settings)], stdin=subprocess.DEVNULL, stderr=log)
    try:
        _wait(server, started)
        yield server
    finally:
        started.terminate()
        started.wait(timeout=PATIENCE)


def _key(path: Path) -> Path:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)
    return path


def _wait(server: Server, started: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and started.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as talk:
                if talk.recv(4) == b"SSH-":
                    return
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"sshd does not listen:\n{server.log.read_text()}")
