import asyncio

import pytest
from starlette.responses import PlainTextResponse

from pipeline.reviewing.guard import Guard
from tests.reviewing.asked import PORT, TOKEN, ask

APP = Guard(PlainTextResponse("the page"), port=PORT, token=TOKEN)
OWN = f"http://127.0.0.1:{PORT}"


@pytest.mark.parametrize("host", [f"127.0.0.1:{PORT}", f"localhost:{PORT}"])
@pytest.mark.parametrize(
    "headers", [{}, {"origin": OWN}, {"sec_fetch_site": "same-origin"}, {"sec_fetch_site": "none"}]
)
def test_the_page_itself_is_answered(host: str, headers: dict[str, str]) -> None:
    answer = ask(APP, "", host=host, body=None, **headers)
    assert (answer.status, answer.body) == (200, b"the page")


@pytest.mark.parametrize(
    "host", ["evil.example", f"evil.example:{PORT}", "127.0.0.1", "127.0.0.1:1", f"127.0.0.1:{PORT}.evil.example", ""]
)
def test_a_name_that_was_made_to_point_here_is_refused(host: str) -> None:
    assert ask(APP, "", host=host).status == 403


def test_a_request_without_a_host_or_with_two_is_refused() -> None:
    for hosts in ([], [OWN[7:], "evil.example"], [OWN[7:], OWN[7:]]):
        told: list[int] = []

        async def send(message: object, told: list[int] = told) -> None:
            told.append(message.get("status", 0) if isinstance(message, dict) else 0)

        async def receive() -> dict[str, object]:
            return {"type": "http.request"}

        heads = [(b"host", host.encode()) for host in hosts]
        scope = {"type": "http", "method": "GET", "path": f"/{TOKEN}/", "headers": heads}
        asyncio.run(APP(scope, receive, send))
        assert told[0] == 403


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", f"https://127.0.0.1:{PORT}", "http://127.0.0.1:1", ""]
)
def test_another_sites_script_is_refused(origin: str) -> None:
    assert ask(APP, "verdict", body=b"{}", origin=origin).status == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_picture_that_another_site_shows_is_refused(site: str) -> None:
    assert ask(APP, "picture/strip/0", sec_fetch_site=site).status == 403


@pytest.mark.parametrize(
    "path", ["/", "/queue", f"/{TOKEN}x/", f"/{TOKEN[:-1]}/", "//", f"/x/../{TOKEN}/", "*", "/\u00e9/"]
)
def test_who_does_not_know_the_address_finds_nothing(path: str) -> None:
    answer = ask(APP, path if path.startswith("/") else f"/{path}")
    assert (answer.status, b"the page" in answer.body) == (404, False)


def test_every_answer_forbids_what_comes_from_elsewhere() -> None:
    headers = ask(APP, "").headers
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert "unsafe" not in headers["content-security-policy"]
    assert (headers["referrer-policy"], headers["cache-control"]) == ("no-referrer", "no-store")
    assert headers["x-content-type-options"] == "nosniff"


def test_what_is_no_http_is_not_answered() -> None:
    async def nothing(*_: object) -> None:
        pytest.fail("something was asked or told")

    asyncio.run(APP({"type": "websocket", "path": f"/{TOKEN}/"}, nothing, nothing))  # type: ignore[arg-type]  # a coroutine
