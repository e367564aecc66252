"""Command `review`: a page on this machine where people look at suspects and rejects, and decide."""

import contextlib
import errno
import os
import secrets
import socket
import threading
import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from pipeline import params as parameters
from pipeline.errors import BadInputError

HOST = "127.0.0.1"
PORT = 8642
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


def review(
    *,
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0: any free one.")] = PORT,
    browser: Annotated[bool, typer.Option(help="Open the page in the browser.")] = True,
    params: Annotated[Path, typer.Option(help="The parameters.")] = Path("params.yaml"),
) -> None:
    """Look at suspects and rejects on a page of this machine, and decide: `mnist-cn review`, then `dvc repro`.

    Every verdict is a line of raw/corrections.csv at once. Ctrl-C ends it; nothing can be lost.
    """
    import uvicorn

    from pipeline.reviewing.project import Project
    from pipeline.reviewing.server import app

    project = Project(Path.cwd(), parameters.load(params).sheets)
    if not project.files.raw.is_dir():
        raise BadInputError(f"{project.files.raw}: expected a folder of photos, found none; go to the checkout")
    listener, token = listening(port), secrets.token_urlsafe(16)
    port = listener.getsockname()[1]
    project.verdicts.all()  # a wrong line is told here, before anybody looks
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
    lines = len(project.verdicts.all())
    print(f"\n{project.verdicts.path.relative_to(Path.cwd())}: {lines:,} lines; `dvc repro` applies them")
