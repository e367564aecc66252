"""What the review page asks for and gives: its files, the queue, pictures, and verdicts."""

import io
import json
from functools import partial
from pathlib import Path
from typing import Any

from PIL import Image
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pipeline.errors import BadInputError
from pipeline.pictures.contact import jpeg
from pipeline.reader.corrections import DROP, Place
from pipeline.reviewing import changes, views
from pipeline.reviewing.guard import App, Guard
from pipeline.reviewing.project import Project
from pipeline.reviewing.queue import Item
from pipeline.reviewing.verdicts import LABELS, ChangedMeanwhileError

PAGE = Path(__file__).parent / "page"
TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
SHORTLY = {"Cache-Control": "private, max-age=60"}  # the page asks for the next picture before it is shown
LARGEST_BODY = 4096  # bytes: a verdict has about a hundred


def app(project: Project, *, port: int, token: str) -> App:
    """Return the guarded application, whose page is at ``/<token>/``."""
    start = f"/{token}"
    routes = [
        Route(f"{start}/", partial(_file, "index.html")),
        Route(f"{start}/queue", partial(_queue, project)),
        Route(f"{start}/changes", partial(_changes, project)),
        Route(f"{start}/accuracy", partial(_accuracy, project)),
        Route(f"{start}/verdict", partial(_verdict, project), methods=["POST"]),
        Route(f"{start}/picture/{{kind}}/{{key}}", partial(_picture, project)),
        *(
            Route(f"{start}/{path.name}", partial(_file, path.name))
            for path in sorted(PAGE.iterdir())
            if path.suffix in TYPES
        ),
    ]
    handlers = {BadInputError: _bad_input, OSError: _bad_input}
    return Guard(Starlette(routes=routes, exception_handlers=handlers), port=port, token=token)


async def _bad_input(_: Request, error: Exception) -> Response:
    return JSONResponse({"error": str(error)}, 422)


def _file(name: str, _: Request) -> Response:
    path = PAGE / name
    return Response(path.read_bytes(), media_type=TYPES[path.suffix])


def _queue(project: Project, _: Request) -> Response:
    given = project.verdicts.all()
    items = [_told(item, given.get(item.place) if item.place else None) for item in project.items().values()]
    return JSONResponse({"items": items, "notes": project.notes()})


def _told(item: Item, verdict: str | None) -> dict[str, Any]:
    return {"key": item.key, "source": item.source, **vars(item), "verdict": verdict}


def _changes(project: Project, _: Request) -> Response:
    return JSONResponse(project.changes())


def _accuracy(project: Project, _: Request) -> Response:
    return JSONResponse(changes.accuracy_changed(project.folder))


def _picture(project: Project, request: Request) -> Response:
    item = project.items().get(request.path_params["key"])
    if item is None:
        raise HTTPException(404, "no such item")
    try:
        project.photos.show(item.photo)
        picture = _drawn(project, item, request.path_params["kind"])
    except KeyError:  # the photo is gone since the last run
        picture = None
    if picture is None:
        raise HTTPException(404, "no such picture")
    if picture.mode == "L":
        file = io.BytesIO()
        picture.save(file, "PNG")
        return Response(file.getvalue(), headers=SHORTLY, media_type="image/png")
    return Response(jpeg(picture), headers=SHORTLY, media_type="image/jpeg")


def _drawn(project: Project, item: Item, kind: str) -> Image.Image | None:
    photos = project.photos
    digit = photos.digit(item.photo, item.row, item.col) if item.row is not None and item.col is not None else None
    if kind == "digit":
        return None if digit is None else views.digit(digit.image)
    rgb, reading = photos.picture(item.photo), photos.reading(item.photo)
    where = digit.corners if digit is not None else None
    if where is None:
        at = [reject.corners for reject in reading.rejects if _is(item, reject.row, reject.col, reject.detail)]
        where = at[0] if at else None
    corners = None if where is None else photos.corners(item.photo, where)
    if rgb is None:
        return None
    if kind == "whole":
        return views.whole(rgb, corners)
    if kind != "strip" or corners is None:
        return None
    others = [one for one in reading.digits if one is not digit and one.row == item.row]
    placed = ((photos.corners(item.photo, one.corners), str(one.label)) for one in others)
    return views.strip(rgb, corners, [(place, label) for place, label in placed if place is not None])


def _is(item: Item, row: int | None, col: int | None, detail: str) -> bool:
    return (row, col, detail) == (item.row, item.col, item.says)


async def _verdict(project: Project, request: Request) -> Response:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise HTTPException(415, "expected application/json")
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            raise HTTPException(413, f"expected at most {LARGEST_BODY} bytes")
    try:
        said = json.loads(body)
    except ValueError as error:
        raise HTTPException(400, f"expected JSON, got: {error}") from error
    return await run_in_threadpool(_put, project, said)


def _put(project: Project, said: Any) -> Response:
    """Write a verdict: ``{"key": …, "label": "7" | "drop" | null, "expected": the verdict that was seen}``."""
    if not isinstance(said, dict) or set(said) != {"key", "label", "expected"}:
        raise HTTPException(400, "expected an object with key, label and expected")
    key, label, expected = said["key"], said["label"], said["expected"]
    if label not in (*LABELS, None) or expected not in (*LABELS, None) or not isinstance(key, str):
        raise HTTPException(400, "expected a label 0 to 9, drop or null")
    item = project.items().get(key)
    if item is None or item.place is None:
        raise HTTPException(404, "no such item, or one that no verdict can change")
    if why := _refused(project, item.place, label):
        return JSONResponse({"error": why}, 409)
    try:
        project.verdicts.put(item.place, label, expected)
    except ChangedMeanwhileError as error:
        return JSONResponse({"verdict": error.found, "error": str(error)}, 409)
    return JSONResponse({"verdict": label})


def _refused(project: Project, place: Place, label: str | None) -> str | None:
    """Return why a place can be given no such verdict now. What is said of a photo that is gone can be taken back."""
    photo = place[0]
    if not project.photos.there(photo):
        gone = f"{photo}: the photo is gone, or is not read any more; run `dvc repro`"
        return None if label is None else gone
    if not project.photos.as_shown(photo):
        return f"{photo} is another photo than was shown; run `dvc repro` and look again"
    if label not in (None, DROP) and project.photos.digit(*place) is None:
        return "there is no ink that could be a digit; run `dvc repro` and look again"
    return None
