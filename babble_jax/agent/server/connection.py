"""One client's WebSocket: its first message, its frames, its messages, and the answers, each within bounds."""

import asyncio
import collections
import contextlib
import secrets
import time
import traceback
from collections.abc import Callable
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from babble_jax.agent.server import protocol
from babble_jax.agent.server.protocol import AudioFrame, CloseCode, Hello, ProtocolError
from babble_jax.agent.server.sessions import ServedSession, SessionTable
from babble_jax.errors import BabbleError

HELLO_SECONDS = 10.0
"""Within which the first message must come."""
SILENT_SECONDS = 30.0
"""After which a client that sends nothing is dropped."""
STUCK_SECONDS = 10.0
"""After which a client that reads nothing is dropped."""
FRAME_RATE = (250.0, 4000.0)
"""Frames in a second, and how many at once: a client that comes back sends what it could not."""
MESSAGE_RATE = (20.0, 100.0)
"""Messages in a second, and how many at once."""
_WAITING = 256  # answers that may wait for a client that reads slowly


class RateLimit:
    """A bucket that fills with time and that each event takes one from.

    Args:
      rate: events in a second.
      most: events at once.
    """

    def __init__(self, rate: float, most: float):
        self._rate, self._most, self._left, self._then = rate, most, most, time.monotonic()

    def take(self) -> bool:
        """Takes one; returns whether there was one."""
        now = time.monotonic()
        self._left = min(self._most, self._left + self._rate * (now - self._then))
        self._then = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class Connection:
    """Serves one client until it leaves, is dropped, or its session ends.

    Args:
      websocket: accepted.
      table: of the server's sessions.
      token: that the client must know; empty where none is asked for.
      welcome: values of the message `welcome` that all clients are sent.
      consent: whether the client must have agreed to a text.
      log: takes a line of text.
    """

    def __init__(
        self,
        websocket: WebSocket,
        table: SessionTable,
        *,
        token: str,
        welcome: dict[str, Any],
        consent: bool,
        log: Callable[[str], None],
    ):
        self._websocket, self._table, self._token = websocket, table, token
        self._welcome, self._consent, self._log = welcome, consent, log
        self._loop = asyncio.get_running_loop()
        self._answers: collections.deque[AudioFrame | dict[str, Any]] = collections.deque()
        self._ready = asyncio.Event()
        self._sample_format: protocol.SampleFormat = "int16"
        self._frames, self._messages = RateLimit(*FRAME_RATE), RateLimit(*MESSAGE_RATE)
        self._task: asyncio.Task[None] | None = None
        self._dropped = 0

    async def run(self) -> None:
        """Serves the client."""
        self._task = asyncio.current_task()
        served, sender = None, None
        try:
            hello = await asyncio.wait_for(self._receive_hello(), HELLO_SECONDS)
            served, resumed = await self._table.enter(hello, self)
            if self._websocket.client_state is not WebSocketState.CONNECTED:
                return
            self._check_rate(hello, served)
            self._sample_format = hello.sample_format
            await self._send_welcome(served, resumed)
            event = "resumed" if resumed else "hello"
            values = {"mode": hello.mode, "output_delay": hello.output_delay, "consent": hello.consent}
            served.live.note({"event": event, **values, **hello.passport})
            served.live.attach(self._post)
            sender = asyncio.create_task(self._send_answers())
            await self._receive(served)
        except ProtocolError as error:
            await self._drop(str(error), error.code)
        except TimeoutError:
            await self._drop("nothing came for too long", CloseCode.SILENT)
        except BabbleError as error:
            await self._drop(str(error), CloseCode.FAILED)
        except (WebSocketDisconnect, RuntimeError):  # RuntimeError: it was closed meanwhile
            pass
        except asyncio.CancelledError:  # replaced, stuck or stopped
            await self._close("This connection was replaced.", CloseCode.REPLACED)
        except Exception as error:
            self._log("".join(traceback.format_exception(error)).rstrip())
            await self._drop("The server has failed; see its log.", CloseCode.FAILED)
        finally:
            if sender is not None:
                sender.cancel()
            if served is not None:
                self._table.leave(served, self)

    def replace(self) -> None:
        """Closes the connection: the client has come back by another one."""
        if self._task is not None:
            self._task.cancel()

    async def _receive_hello(self) -> Hello:
        message = await self._websocket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect
        text = message.get("text")
        if text is None:
            raise ProtocolError("the first message must be a hello")
        hello = protocol.parse_hello(protocol.parse_message(text))
        if self._token and not secrets.compare_digest(hello.token.encode(), self._token.encode()):
            raise ProtocolError(
                "The address lacks the right token; open the address that the server printed.",
                CloseCode.TOKEN,
            )
        if self._consent and not hello.consent:
            raise ProtocolError("The text that is shown first must be agreed to.")
        return hello

    def _check_rate(self, hello: Hello, served: ServedSession) -> None:
        rate = served.live.sample_rate
        if hello.sample_rate != rate:
            served.live.close("The client's sample rate is another.", CloseCode.RATE)
            raise ProtocolError(
                f"Frames must hold {rate} samples a second, not {hello.sample_rate}.", CloseCode.RATE
            )

    async def _send_welcome(self, served: ServedSession, resumed: bool) -> None:
        await self._websocket.send_json(
            {
                "type": "welcome",
                "version": protocol.VERSION,
                "key": served.key,
                "resumed": resumed,
                "sample_rate": served.live.sample_rate,
                "next_sample": served.live.next_sample,
                "folder": None if served.folder is None else str(served.folder),
                **self._welcome,
                **served.welcome,
            }
        )

    async def _receive(self, served: ServedSession) -> None:
        """Takes frames and messages until the client leaves."""
        while True:
            message = await asyncio.wait_for(self._websocket.receive(), SILENT_SECONDS)
            if message["type"] == "websocket.disconnect":
                return
            if (data := message.get("bytes")) is not None:
                if not self._frames.take():
                    raise ProtocolError("frames come too often", CloseCode.TOO_FAST)
                served.live.push(protocol.unpack_frame(data))
            elif (text := message.get("text")) is not None:
                if not self._messages.take():
                    raise ProtocolError("messages come too often", CloseCode.TOO_FAST)
                self._obey(served, protocol.parse_message(text))

    def _obey(self, served: ServedSession, message: dict[str, Any]) -> None:
        match message["type"]:
            case "knobs":
                served.live.set_knobs(protocol.parse_knobs(message))
            case "delay":
                served.live.set_output_delay(protocol.parse_delay(message))
            case "notice":
                values = protocol.bound_values(message.get("values"))
                served.live.note({"event": "notice", **values})
            case "ping":
                self._post({"type": "pong", **protocol.bound_values({"clock": message.get("clock")})})
            case "stop":
                served.live.close("The user ended the conversation.")
            case kind:
                raise ProtocolError(f"a message has the unknown type {kind[:40]!r}")

    def _post(self, answer: AudioFrame | dict[str, Any]) -> None:
        """Queues an answer, from any thread."""
        self._loop.call_soon_threadsafe(self._queue, answer)

    def _queue(self, answer: AudioFrame | dict[str, Any]) -> None:
        if len(self._answers) >= _WAITING:
            self._answers.popleft()
            self._dropped += 1
        self._answers.append(answer)
        self._ready.set()

    async def _send_answers(self) -> None:
        """Sends what is queued; drops a client that does not read."""
        try:
            while True:
                await self._ready.wait()
                self._ready.clear()
                while self._answers:
                    answer = self._answers.popleft()
                    await asyncio.wait_for(self._send(answer), STUCK_SECONDS)
                    if isinstance(answer, dict) and answer["type"] == "ended":
                        await self._close(answer["text"], answer["code"])
                        return
        except (TimeoutError, WebSocketDisconnect, RuntimeError):
            self._log(f"a client reads too slowly; {self._dropped} answers were dropped, and the client, too")
            self.replace()

    async def _send(self, answer: AudioFrame | dict[str, Any]) -> None:
        if isinstance(answer, AudioFrame):
            await self._websocket.send_bytes(protocol.pack_frame(answer, self._sample_format))
        else:
            await self._websocket.send_json(answer)

    async def _drop(self, text: str, code: int) -> None:
        self._log(f"client dropped: {text}")
        try:
            await asyncio.wait_for(
                self._websocket.send_json({"type": "error", "text": text, "code": code}), 1.0
            )
        except (TimeoutError, WebSocketDisconnect, RuntimeError):
            return
        await self._close(text, code)

    async def _close(self, text: str, code: int) -> None:
        reason = text.encode()[:120].decode("utf-8", "ignore")  # a close frame holds 123 bytes
        with contextlib.suppress(TimeoutError, WebSocketDisconnect, RuntimeError):
            await asyncio.wait_for(self._websocket.close(code, reason), 1.0)
