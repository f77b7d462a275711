"""A folder served to a browser, and a browser as people have it."""

import contextlib
import functools
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FLAGS = ("--autoplay-policy=document-user-activation-required",)


class Silent(http.server.SimpleHTTPRequestHandler):
    """Serves files without a log."""

    def log_message(self, format, *args):
        """Writes nothing."""


@contextlib.contextmanager
def serve(folder: Path) -> Iterator[str]:
    """Serves the files of a folder while the block runs; gives the address."""
    handler = functools.partial(Silent, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def wait_for(page: Any, expression: str, seconds: float = 20) -> None:
    """Waits until an expression of JavaScript is true."""
    page.wait_for_function(expression, timeout=1000 * seconds)
