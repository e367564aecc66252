"""Requests to an ASGI application, without a socket."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any

from pipeline.reviewing.guard import App, Message

PORT, TOKEN = 8642, "secret"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def ask(app: App, path: str, *, body: bytes | None = None, host: str = f"127.0.0.1:{PORT}", **headers: str) -> Answer:
    """Ask for a path below the page's address, or for any path that begins with a slash."""
    raw = path if path.startswith("/") else f"/{TOKEN}/{path}"
    sent = {"host": host, **{name.replace("_", "-"): value for name, value in headers.items()}}
    scope = {
        "type": "http", "http_version": "1.1", "method": "GET" if body is None else "POST", "path": raw,
        "raw_path": raw.encode(), "query_string": b"", "root_path": "", "scheme": "http",
        "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
    }  # fmt: skip
    told: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body or b"", "more_body": False}

    async def send(message: Message) -> None:
        told.append(message)

    asyncio.run(app(scope, receive, send))  # type: ignore[arg-type]  # a coroutine, as every ASGI application's
    start, *rest = told
    heads = {name.decode(): value.decode() for name, value in start["headers"]}
    return Answer(start["status"], heads, b"".join(part.get("body", b"") for part in rest))


def put(app: App, key: str, label: str | None, expected: str | None = None, **headers: str) -> Answer:
    body = json.dumps({"key": key, "label": label, "expected": expected}).encode()
    return ask(app, "verdict", body=body, **{"content_type": "application/json", **headers})
