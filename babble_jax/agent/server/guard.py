"""Keeps other sites and other hosts out of a live agent's server, and the page to its own host.

A browser sends pages of other sites to 127.0.0.1, too, and a name of another site may point there (DNS rebinding). So
the host that a request names must be the server's own, and the origin of a WebSocket or of a request that changes
something must be the page's. A client that is no browser sends no origin.
"""

import ipaddress
from collections.abc import Callable
from typing import Any

from babble_jax.printable import escape_unprintable

LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")


def is_loopback(host: str) -> bool:
    """Returns whether a host is this machine alone."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def security_headers(secure: bool, authority: str = "") -> dict[str, str]:
    """Returns the headers of every answer: nothing is loaded from another host, no other site shows the page.

    Args:
      secure: whether the server speaks TLS.
      authority: host and port of the page, for browsers to whom 'self' does not mean a WebSocket.
    """
    socket = f" {'wss' if secure else 'ws'}://{authority}" if authority else ""
    policy = {
        "default-src": "'none'",
        "script-src": "'self'",
        "worker-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self'",
        "connect-src": f"'self'{socket}",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    return {
        "content-security-policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "permissions-policy": "microphone=(self), camera=(), geolocation=()",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "cache-control": "no-store",
    }


class Guard:
    """Wraps an ASGI application and lets only the server's own pages and names through.

    Args:
      app: the application.
      hosts: names that a request may give as its host, with the port where it is not the scheme's own; None for any,
        where a token protects the server and the origin must be the host.
      secure: whether the server speaks TLS.
      log: takes a line of text.
    """

    def __init__(self, app: Any, hosts: frozenset[str] | None, secure: bool, log: Callable[[str], None]):
        self._app, self._hosts, self._secure, self._log = app, hosts, secure, log

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Passes a request on, or refuses it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        names = [name for name, _ in scope["headers"]]
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        host = headers.get(b"host", "").lower()
        reason = self._reason(scope, headers, host)
        if names.count(b"host") != 1 or reason is not None:
            self._log(f"refused: {escape_unprintable(reason or 'a request names no host')[:300]}")
            await _refuse(scope, receive, send, 403 if host in (self._hosts or {host}) else 400)
            return

        async def send_with_headers(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                extra = security_headers(self._secure, host)
                message["headers"] = [
                    *message.get("headers", []),
                    *((name.encode(), value.encode()) for name, value in extra.items()),
                ]
            await send(message)

        await self._app(scope, receive, send_with_headers)

    def _reason(self, scope: dict[str, Any], headers: dict[bytes, str], host: str) -> str | None:
        if self._hosts is not None and host not in self._hosts:
            return f"a request for the host {host}"
        if not host or any(mark in host for mark in "/\\@?#;, '\""):
            return "a request for an impossible host"
        if scope["type"] == "websocket" or scope.get("method") not in ("GET", "HEAD"):
            origin = headers.get(b"origin")
            own = f"{'https' if self._secure else 'http'}://{host}"
            if origin is not None and origin.lower() != own:
                return f"a request from the origin {origin}"
        return None


async def _refuse(scope: dict[str, Any], receive: Any, send: Any, status: int) -> None:
    if scope["type"] == "websocket":  # before it is accepted: the server answers 403
        await receive()
        await send({"type": "websocket.close", "code": 1008})
        return
    body = b"This server answers its own page only.\n"
    headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
