"""Keeps the live sessions of a server: who may begin one, who comes back to one, who may have its recording."""

import asyncio
import dataclasses
import secrets
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from babble_jax.agent.server.live_session import EngineLike, LiveSession, RecorderLike
from babble_jax.agent.server.protocol import CloseCode, Hello, ProtocolError

_MOST_ENDED = 64


@dataclasses.dataclass(frozen=True)
class SessionParts:
    """What a factory makes for a client.

    Attributes:
      engine: decides and speaks.
      recorder: writes.
      folder: of the recording, which the user may download and delete; None where nothing is recorded.
      welcome: further values of the message `welcome`.
      describe_hops: makes messages for the client of what the engine drained and the output delay in samples; None for
        no messages.
      on_start: called with the session as soon as it runs.
    """

    engine: EngineLike
    recorder: RecorderLike
    folder: Path | None = None
    welcome: dict[str, Any] = dataclasses.field(default_factory=dict)
    describe_hops: Callable[[Sequence[Any], int], list[dict[str, Any]]] | None = None
    on_start: Callable[[LiveSession], None] | None = None


OpenSession = Callable[[Hello], SessionParts]


@dataclasses.dataclass(eq=False)
class ServedSession:
    """A session with its key, and the connection that it has now.

    Attributes:
      key: secret of the client, with which it comes back, downloads and deletes.
      folder: of the recording; None where nothing is recorded.
      welcome: further values of the message `welcome`.
      live: the running conversation.
      connection: of the client; None where it has vanished.
      expiry: ends the session when the client does not come back.
    """

    key: str
    folder: Path | None
    welcome: dict[str, Any]
    live: LiveSession
    connection: Any = None
    expiry: asyncio.TimerHandle | None = None


class SessionTable:
    """The sessions of one server; used by its event loop alone.

    Args:
      open_session: makes engine and recorder for a client.
      most: number of sessions at once.
      resume_seconds: time within which a client that vanished may come back.
      make_live: wraps the parts of a session.
      log: takes a line of text.
    """

    def __init__(
        self,
        open_session: OpenSession,
        *,
        most: int,
        resume_seconds: float,
        make_live: Callable[[SessionParts, Hello], LiveSession],
        log: Callable[[str], None],
    ):
        self._open, self._most, self._resume_seconds = open_session, most, resume_seconds
        self._make_live, self._log = make_live, log
        self._sessions: dict[str, ServedSession] = {}
        self._opening = 0

    async def enter(self, hello: Hello, connection: Any) -> tuple[ServedSession, bool]:
        """Finds the session that a client comes back to, or begins one.

        Args:
          hello: of the client.
          connection: has a method `replace`, which closes it.

        Returns:
          The session, and whether it was resumed.

        Raises:
          ProtocolError: there is no such session any more, or there are enough.
        """
        if hello.resume is not None:
            return self._resume(hello.resume, connection), True
        running = [one for one in self._sessions.values() if one.live.ended is None]
        for one in [one for one in running if one.connection is None]:
            if len(running) + self._opening >= self._most:  # who has vanished makes room
                one.live.close("The client vanished, and another one came.")
                running.remove(one)
        if len(running) + self._opening >= self._most:
            raise ProtocolError(
                "The agent is in a conversation already; try again when it is over.", CloseCode.BUSY
            )
        self._opening += 1
        try:
            parts = await asyncio.get_running_loop().run_in_executor(None, self._open, hello)
        finally:
            self._opening -= 1
        live = self._make_live(parts, hello)
        served = ServedSession(secrets.token_urlsafe(24), parts.folder, parts.welcome, live, connection)
        self._sessions[served.key] = served
        ended = [key for key, one in self._sessions.items() if one.live.ended is not None]
        for key in ended[:-_MOST_ENDED]:
            del self._sessions[key]
        return served, False

    def _resume(self, key: str, connection: Any) -> ServedSession:
        served = self.find(key)
        if served is None or served.live.ended is not None:
            raise ProtocolError("This conversation is over; begin a new one.", CloseCode.NO_SESSION)
        if served.expiry is not None:
            served.expiry.cancel()
            served.expiry = None
        if served.connection is not None:
            served.connection.replace()
        served.connection = connection
        return served

    def leave(self, served: ServedSession, connection: Any) -> None:
        """Notes that a connection is gone; its session waits for the client to come back.

        Args:
          served: the session.
          connection: that is gone; nothing happens where the session has another one by now.
        """
        if served.connection is not connection:
            return
        served.connection = None
        served.live.detach()
        if served.live.ended is None:
            served.live.note({"event": "connection lost"})
            self._log(f"a client vanished; its session waits {self._resume_seconds:g} s for it")
            served.expiry = asyncio.get_running_loop().call_later(
                self._resume_seconds, served.live.close, "The client did not come back."
            )

    def find(self, key: str) -> ServedSession | None:
        """Returns the session of a key."""
        return next(
            (
                one
                for one in self._sessions.values()
                if secrets.compare_digest(one.key.encode(), key.encode())
            ),
            None,
        )

    def close(self) -> None:
        """Ends all sessions and waits until their files are finished."""
        for one in self._sessions.values():
            one.live.close("The server was stopped.", CloseCode.GOING_AWAY)
        for one in self._sessions.values():
            one.live.join(10.0)
