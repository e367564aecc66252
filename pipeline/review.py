"""Command `review`: a page on this machine where people look at suspects and rejects, and decide."""

import contextlib
import errno
import os
import secrets
import socket
import threading
import webbrowser
from pathlib import Path

from pipeline import params as parameters
from pipeline.errors import BadInputError

HOST = "127.0.0.1"
WAITING = 64  # connections that may wait: a browser opens six
PATIENCE = 2  # seconds for requests in progress when the server ends


def listening(port: int) -> socket.socket:
    """Return a socket that listens on this machine alone; 0 is any free port.

    Raises
    ------
    BadInputError
        If the port is taken or may not be used.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if os.name == "posix":  # elsewhere it would share the port with another program
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen(WAITING)
    except OSError as error:
        listener.close()
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        told = "is taken, perhaps by another review" if error.errno == errno.EADDRINUSE else "may not be used"
        raise BadInputError(
            f"--port: expected a free port, {port} {told}; end that, or use --port 0 for any free one"
        ) from error
    return listener


def review(*, port: int, browser: bool, params: Path) -> None:
    """Serve the page until Ctrl-C.

    Parameters
    ----------
    port : int
        0 is any free port.
    browser : bool
        Whether to open the page.
    params : Path
    """
    import uvicorn

    from pipeline.reviewing.project import Project
    from pipeline.reviewing.server import app

    project = Project(Path.cwd(), parameters.load(params).sheets)
    if not project.files.raw.is_dir():
        raise BadInputError(f"{project.files.raw}: expected a folder of photos, found none; go to the checkout")
    listener, token = listening(port), secrets.token_urlsafe(16)
    port = listener.getsockname()[1]
    project.verdicts.check()  # what is wrong is told here, before anybody looks
    address = f"http://{HOST}:{port}/{token}/"
    print(f"{address}\nOnly this machine can open it, and only with the whole address. Ctrl-C ends it.", flush=True)
    if browser:
        threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
    config = uvicorn.Config(
        app(project, port=port, token=token),
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=PATIENCE,
        lifespan="off",
    )
    with contextlib.suppress(KeyboardInterrupt):  # uvicorn ends well and passes the signal on
        uvicorn.Server(config).run(sockets=[listener])
    print(f"\n{next_step(project.verdicts.path.relative_to(Path.cwd()), len(project.verdicts.all()))}")


def next_step(path: Path, lines: int) -> str:
    """Return what to do with the verdicts, in a line."""
    if not lines:
        return f"{path}: no verdict yet; `mnist-cn review` goes on whenever you like"
    counted = f"{lines:,} line{'s' if lines > 1 else ''}"
    return f"{path}: {counted}; next: `dvc repro` applies them, `mnist-cn compare` tells whether it helped"
