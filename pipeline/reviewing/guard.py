"""Who may talk to the review page: programs of this machine that know its address, and no other site's scripts."""

import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

LOCAL = ("127.0.0.1", "localhost")
# Nothing from elsewhere is loaded, nothing is kept by the browser, and the address, which holds the token, is told
# to nobody.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Guard:
    """ASGI middleware that passes on what comes from the page itself.

    Refused are a foreign ``Host`` (DNS rebinding: a site's name that was made to point to this machine), a foreign
    ``Origin`` or ``Sec-Fetch-Site`` (cross-site request forgery), and a path that does not begin with the secret.
    """

    def __init__(self, app: App, *, port: int, token: str) -> None:
        """Guard an app that listens on a port of this machine under ``/<token>/``."""
        self._app, self._token = app, token
        self._hosts = {f"{name}:{port}" for name in LOCAL} | (set(LOCAL) if port == 80 else set())
        self._origins = {f"http://{host}" for host in self._hosts}

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer 403 or 404, or pass the request on."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":  # no web sockets here
            return
        refusal = self._refusal(Headers(scope=scope), scope["path"])
        if refusal is not None:
            await refusal(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = [*message["headers"]]
                stated = {name.lower() for name, _ in own}
                added = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
                message = {**message, "headers": own + [one for one in added if one[0] not in stated]}
            await send(message)

        await self._app(scope, receive, send_guarded)

    def _refusal(self, headers: Headers, path: str) -> PlainTextResponse | None:
        if headers.getlist("host") not in [[host] for host in self._hosts]:
            return PlainTextResponse("expected this machine's own name in the address", 403)
        if not set(headers.getlist("origin")) <= self._origins:
            return PlainTextResponse("expected a request of the page itself", 403)
        if headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
            return PlainTextResponse("expected a request of the page itself", 403)
        token = path.removeprefix("/").partition("/")[0]
        if not secrets.compare_digest(token.encode(), self._token.encode()):
            return PlainTextResponse("expected the address that `mnist-cn review` printed", 404)
        return None
