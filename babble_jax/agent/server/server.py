"""Serves the page of a live agent and its one WebSocket; see docs/live-protocol.md for what clients say.

The server listens on 127.0.0.1 only. Another host needs TLS, without which browsers give no microphone, and a token in
the address behind `#`, which browsers do not send. What is served is the page's own files, its recording to the one
who made it, and nothing else.
"""

import contextlib
import dataclasses
import secrets
import shutil
import socket
import sys
import zipfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from babble_jax.agent.server.connection import Connection
from babble_jax.agent.server.guard import LOOPBACK_NAMES, Guard, is_loopback
from babble_jax.agent.server.live_session import LIMIT, LiveSession
from babble_jax.agent.server.protocol import MAX_FRAME_BYTES, VERSION, Hello
from babble_jax.agent.server.sessions import OpenSession, ServedSession, SessionParts, SessionTable
from babble_jax.errors import BabbleError
from babble_jax.files import wrap_oserror
from babble_jax.printable import escape_unprintable

PAGE = Path(__file__).parents[1] / "page"
_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_CHUNK = 1024**2  # bytes


@dataclasses.dataclass(frozen=True)
class ServerConfig:
    """Says where a live agent is served, to whom, and within which bounds.

    Attributes:
      host: name or address to listen at.
      port: to listen at; 0 for any that is free.
      certfile: certificate for TLS, a PEM file; needed where the host is not this machine alone.
      keyfile: its key, a PEM file.
      token: secret that clients must know; drawn where it is empty and the host is not this machine alone.
      sessions: conversations at once.
      limit: seconds of sound that may wait for the agent; older sound gets no answer.
      resume_seconds: time within which a client that vanished may come back to its conversation.
      max_seconds: longest conversation.
      consent: text that a user must agree to first; None for none.
      about: further values that the page shows before a conversation begins.
    """

    host: str = "127.0.0.1"
    port: int = 8765
    certfile: Path | None = None
    keyfile: Path | None = None
    token: str = ""
    sessions: int = 1
    limit: float = LIMIT
    resume_seconds: float = 60.0
    max_seconds: float = 7200.0
    consent: str | None = None
    about: dict[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def secure(self) -> bool:
        """Tells whether TLS is spoken."""
        return self.certfile is not None


def check_config(config: ServerConfig) -> ServerConfig:
    """Checks that a host other than this machine has TLS, and draws its token.

    Raises:
      BabbleError: it has none, or a number makes no sense.
    """
    if (config.certfile is None) != (config.keyfile is None):
        raise BabbleError("A certificate and its key belong together; give --certfile and --keyfile.")
    for path in (config.certfile, config.keyfile):
        if path is not None and not path.is_file():
            raise BabbleError(f"{path}: there is no such file; check the path.")
    if not is_loopback(config.host):
        if not config.secure:
            raise BabbleError(
                f"Browsers give no microphone to a page from {config.host} without TLS; give --certfile and "
                "--keyfile, or leave --host out and open the page on this machine."
            )
        if not config.token:
            config = dataclasses.replace(config, token=secrets.token_urlsafe(18))
    if not 0 <= config.port <= 65535:
        raise BabbleError(f"There is no port {config.port}; choose one from 1024 to 65535.")
    if config.sessions < 1:
        raise BabbleError(f"The number of sessions is {config.sessions}; it must be at least 1.")
    return config


def make_app(
    config: ServerConfig, open_session: OpenSession, log: Callable[[str], None] | None = None
) -> Any:
    """Makes the ASGI application of a live agent.

    Args:
      config: checked by `check_config`; its port is the one that the server listens at.
      open_session: makes engine and recorder for a client, in a thread.
      log: takes a line of text; standard error where None.
    """
    log = log or print_log

    def make_live(parts: SessionParts, hello: Hello) -> LiveSession:
        live = LiveSession(
            parts.engine,
            parts.recorder,
            limit=config.limit,
            max_seconds=config.max_seconds,
            log=log,
            output_delay=hello.output_delay,
            describe_hops=parts.describe_hops or (lambda hops, delay: []),
        )
        if parts.on_start is not None:
            parts.on_start(live)
        return live

    table = SessionTable(
        open_session,
        most=config.sessions,
        resume_seconds=config.resume_seconds,
        make_live=make_live,
        log=log,
    )
    welcome = {"limit": config.limit, "resume_seconds": config.resume_seconds}
    pages = {path.name: path for path in PAGE.iterdir() if path.suffix in _TYPES}

    async def serve_page(request: Request) -> Response:
        path = pages.get(request.path_params.get("name", "index.html"))
        if path is None:
            return PlainTextResponse("There is no such file.\n", 404)
        return FileResponse(path, media_type=_TYPES[path.suffix])

    async def describe_server(_: Request) -> Response:
        about = {"version": VERSION, "token": bool(config.token), "consent": config.consent, **config.about}
        return JSONResponse({**about, **welcome})

    async def serve_socket(websocket: WebSocket) -> None:
        await websocket.accept()
        connection = Connection(
            websocket,
            table,
            token=config.token,
            welcome=welcome,
            consent=config.consent is not None,
            log=log,
        )
        await connection.run()

    async def give_recording(request: Request) -> Response:
        served = _find_ended(table, request)
        if isinstance(served, Response):
            return served
        folder = served.folder
        if folder is None or not folder.is_dir():
            return PlainTextResponse("Nothing was recorded, or it was deleted.\n", 404)
        name = f"{folder.name}.zip".encode("ascii", "replace").decode().replace('"', "_")
        headers = {"content-disposition": f'attachment; filename="{name}"'}
        return StreamingResponse(zip_folder(folder), media_type="application/zip", headers=headers)

    async def delete_recording(request: Request) -> Response:
        served = _find_ended(table, request)
        if isinstance(served, Response):
            return served
        folder = served.folder
        if folder is not None and folder.is_dir():
            await run_in_threadpool(shutil.rmtree, folder)
            log(f"deleted: {escape_unprintable(folder)}")
        return JSONResponse({"deleted": True})

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await run_in_threadpool(table.close)

    app = Starlette(
        routes=[
            Route("/", serve_page),
            Route("/page/{name}", serve_page),
            Route("/about", describe_server),
            Route("/recording", give_recording, methods=["GET"]),
            Route("/recording", delete_recording, methods=["DELETE"]),
            WebSocketRoute("/ws", serve_socket),
        ],
        lifespan=lifespan,
    )
    return Guard(app, allowed_hosts(config), config.secure, log)


def _find_ended(table: SessionTable, request: Request) -> ServedSession | Response:
    """Finds the session whose key a request gives, if it has ended and its files are finished."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    served = table.find(key) if scheme == "Bearer" else None
    if served is None:
        return PlainTextResponse("The key of a recording is needed.\n", 403)
    if served.live.ended is None or not served.live.join(0):
        return PlainTextResponse("The conversation is not over yet; stop it first.\n", 409)
    return served


def allowed_hosts(config: ServerConfig) -> frozenset[str] | None:
    """Returns the hosts that requests may name; None for any, where the server listens at all addresses."""
    if config.host in ("0.0.0.0", "::"):
        return None
    names = LOOPBACK_NAMES if is_loopback(config.host) else (config.host.lower(),)
    bracketed = [f"[{name}]" if ":" in name and not name.startswith("[") else name for name in names]
    standard = 443 if config.secure else 80
    return frozenset(f"{name}:{config.port}" for name in bracketed) | frozenset(
        bracketed if config.port == standard else ()
    )


class _Chunks:
    """A file that cannot be rewound, and that gives what is written into it."""

    def __init__(self):
        self.content = bytearray()

    def write(self, data: bytes) -> int:
        self.content += data
        return len(data)

    def flush(self) -> None:
        pass

    def take(self) -> bytes:
        data, self.content = bytes(self.content), bytearray()
        return data


def zip_folder(folder: Path) -> Iterator[bytes]:
    """Yields the bytes of a zip file of the files of a folder, uncompressed, without holding it."""
    chunks = _Chunks()
    with zipfile.ZipFile(chunks, "w") as archive:  # pyright: ignore[reportCallIssue, reportArgumentType]
        for path in sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()):
            info = zipfile.ZipInfo.from_file(path, f"{folder.name}/{path.relative_to(folder).as_posix()}")
            with path.open("rb") as source, archive.open(info, "w", force_zip64=True) as target:
                while data := source.read(_CHUNK):
                    target.write(data)
                    yield chunks.take()
    yield chunks.take()


def print_log(text: str) -> None:
    """Prints a line of the server's log on standard error."""
    print(text, file=sys.stderr, flush=True)


def listen(config: ServerConfig) -> tuple[socket.socket, ServerConfig]:
    """Opens the socket of a server.

    Returns:
      The socket, and the config with the port that it has.

    Raises:
      BabbleError: the port is taken, or the host is none of this machine.
    """
    host = config.host.strip("[]")
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.create_server((host, config.port), family=family)
    except OSError as error:
        raise BabbleError(
            f"Nothing can be served at {config.host}:{config.port} ({error.strerror or error}); choose another "
            "--port, or end what listens there."
        ) from None
    return listener, dataclasses.replace(config, port=listener.getsockname()[1])


def address(config: ServerConfig) -> str:
    """Returns the address to open in a browser."""
    host = "localhost" if config.host in ("0.0.0.0", "::") else config.host
    host = f"[{host}]" if ":" in host and not host.startswith("[") else host
    token = f"#{config.token}" if config.token else ""
    return f"{'https' if config.secure else 'http'}://{host}:{config.port}/{token}"


def serve(app: Any, config: ServerConfig, listener: socket.socket) -> None:
    """Serves until SIGINT or SIGTERM; sessions that run are ended and their files finished.

    Args:
      app: of `make_app`.
      config: of the server.
      listener: of `listen`.
    """
    server = uvicorn.Server(server_options(app, config))
    with wrap_oserror(str(config.certfile or "")):
        server.run(sockets=[listener])


def server_options(app: Any, config: ServerConfig) -> uvicorn.Config:
    """Returns uvicorn's options: its messages bounded, its log silent, a ping each 5 s to notice who has vanished."""
    return uvicorn.Config(
        app,
        log_level="critical",
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        ws="websockets-sansio",
        ws_max_size=MAX_FRAME_BYTES,
        ws_max_queue=32,
        ws_ping_interval=5.0,
        ws_ping_timeout=10.0,
        ws_per_message_deflate=False,
        limit_concurrency=64,
        timeout_graceful_shutdown=3,
        ssl_certfile=config.certfile,
        ssl_keyfile=config.keyfile,
    )
