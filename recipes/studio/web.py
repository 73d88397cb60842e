"""What the studio's server answers: the page, its own files and its events, to this machine alone; all else is refused."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; media-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
"""The browser itself then reaches no other machine, whatever a label may hold."""
LOCAL = ("127.0.0.1", "localhost", "[::1]", "::1")
_PAGE = re.compile(
    r"/es|(/es)?/(|assets/[\w.\-/]+|static/[\w.\-/]+|svelte/[\w.\-/]+|theme\.css|favicon\.ico|config/?|manifest\.json|robots\.txt)"
)
_EVENT = re.compile(
    r"(/es)?/gradio_api/(info/?|startup-events|heartbeat/\w+|queue/(join|data)/?|cancel|reset/?|app_id/?|config/?|user/?"
    r"|login_check/?|token/?)"
)
_DOWNLOAD = re.compile(r"/download/[\w-]{20,60}")
_MOST_BYTES = 1_000_000
"""Of what a page sends at a time."""
_HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Guard:
    """An ASGI application before another one: it answers what the page needs, and refuses the rest.

    ``hosts``: names that a browser may know the server by; () for any, where it was asked to serve other machines. Without
    this a page of another site could lead its own name to this machine and read what is served (DNS rebinding).
    """

    def __init__(self, app: ASGIApp, hosts: Sequence[str] = LOCAL) -> None:
        self.app, self.hosts = app, tuple(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        refusal = (404, "Not found.") if scope["type"] != "http" else self._refusal(scope)
        if refusal is None:
            await self.app(scope, _bounded(receive), _with_headers(send))
            return
        if scope["type"] == "http":
            status, sentence = refusal
            await PlainTextResponse(sentence, status)(scope, receive, _with_headers(send))

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        headers, path, method = Headers(scope=scope), str(scope["path"]), scope["method"]
        host = headers.get("host", "")
        if self.hosts and _name_of(host) not in self.hosts:
            return 421, "The studio is served to this machine alone; open it as http://127.0.0.1."
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc != host:
            return 403, "Another site may not use the studio."
        if ".." in path.split("/") or "\\" in path or "\0" in path:
            return 404, "Not found."
        if method in ("GET", "HEAD") and any(one.fullmatch(path) for one in (_PAGE, _EVENT, _DOWNLOAD)):
            return None
        if method != "POST" or not _EVENT.fullmatch(path):
            return 404, "Not found."
        if headers.get("content-type", "").partition(";")[0].strip() != "application/json":
            return 415, "Events are sent as application/json."
        if (
            not headers.get("content-length", "0").isdecimal()
            or int(headers.get("content-length", "0")) > _MOST_BYTES
        ):
            return 413, f"An event has at most {_MOST_BYTES:,} bytes."
        return None


def _name_of(host: str) -> str:
    """A host without its port."""
    return host if host.endswith("]") else host.rpartition(":")[0] or host


def _bounded(receive: Receive) -> Callable[[], Awaitable[Message]]:
    """What is received, ended where it grows beyond ``_MOST_BYTES`` though it said otherwise."""
    seen = 0

    async def bounded() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        return {"type": "http.disconnect"} if seen > _MOST_BYTES else message

    return bounded


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers[name] = value
        await send(message)

    return sending
