"""Serves a board on this machine, which shows what is new as it comes."""

import http.server
import json
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from babble_jax.errors import BabbleError
from babble_jax.launch.board.board_page import board_html
from babble_jax.launch.board.board_runs import find_board_runs, tracked_folder
from babble_jax.launch.board.content import collect_content
from babble_jax.temporaries import FOLDER_LOCK

HOST = "127.0.0.1"
_LOCAL = (HOST, "localhost")


class BoardServer(http.server.ThreadingHTTPServer):
    """Serves the page at `/` and what it shows at `/content.json`, to this machine alone.

    Args:
      paths: see `find_board_runs`.
      metric: see `collect_content`.
      highest: see `collect_content`.
      port: 0 for any that is free.
    """

    daemon_threads = True

    def __init__(self, paths: Sequence[Path], metric: str, highest: bool, port: int):
        self._paths, self._metric, self._highest = paths, metric, highest
        self._tag, self._content = "", {}
        self._reading = threading.Lock()
        super().__init__((HOST, port), _Handler)

    @property
    def address(self) -> str:
        """URL of the page."""
        return f"http://{HOST}:{self.server_address[1]}/"

    def read_tag(self) -> str:
        """Computes a word that changes with the files of the runs; reads none of them."""
        times = []
        for run in find_board_runs(self._paths):
            folder = tracked_folder(run)
            watched = [run.folder / "state.json", run.folder / "result.json", run.folder / FOLDER_LOCK]
            watched += (
                [] if folder is None else [folder / "media", *folder.glob("*.jsonl"), folder / "config.json"]
            )
            times += [
                (str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in watched if path.exists()
            ]
        return f'"{abs(hash(tuple(times))):x}"'

    def read_content(self) -> tuple[str, dict[str, Any]]:
        """Reads the tag and the content of what there is, the earlier one where no file has changed."""
        with self._reading:
            tag = self.read_tag()
            if tag != self._tag:
                self._content = collect_content(find_board_runs(self._paths), self._metric, self._highest)
                self._tag = tag
            return self._tag, self._content

    def read_page(self) -> str:
        """Reads the page with what there is."""
        return board_html(self.read_content()[1], live=True)


class _Handler(http.server.BaseHTTPRequestHandler):
    server: BoardServer  # pyright: ignore[reportIncompatibleVariableOverride]

    def do_GET(self) -> None:
        name = self.headers.get("Host", "").rsplit(":", 1)[0]
        if name not in _LOCAL:  # a page of another site whose name leads here
            self._answer(403, "text/plain", "the board is for this machine alone")
            return
        try:
            if self.path == "/":
                self._answer(200, "text/html", self.server.read_page())
            elif self.path == "/content.json":
                tag, content = self.server.read_content()
                if self.headers.get("If-None-Match") == tag:
                    self._answer(304, "application/json", "", tag)
                else:
                    self._answer(200, "application/json", json.dumps(content, allow_nan=False), tag)
            else:
                self._answer(404, "text/plain", "there is no such page")
        except BabbleError as error:
            self._answer(503, "text/plain", str(error))
        except (BrokenPipeError, ConnectionResetError):
            return  # the browser has gone

    def _answer(self, status: int, kind: str, text: str, tag: str = "") -> None:
        content = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        if tag:
            self.send_header("ETag", tag)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


def serve_board(
    paths: Sequence[Path], metric: str, highest: bool, port: int, report: Callable[[str], object]
) -> None:
    """Serves a board until Ctrl-C.

    Args:
      paths: see `find_board_runs`.
      metric: see `collect_content`.
      highest: see `collect_content`.
      port: 0 for any that is free.
      report: takes the line that names the address.

    Raises:
      BabbleError: there is no run yet, or the port is taken.
    """
    find_board_runs(paths)
    try:
        server = BoardServer(paths, metric, highest, port)
    except OSError as error:
        raise BabbleError(
            f"port {port} cannot be served ({error.strerror}); give another one by --port."
        ) from error
    with server:
        report(f"{server.address}: the board, until Ctrl-C")
        server.serve_forever()
