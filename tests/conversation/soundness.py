"""A small file of each format, and what every reading must be, whatever was read."""

import io

import numpy as np
import soundfile

from babble_jax.conversation.conversation import Conversation, Mark
from babble_jax.conversation.reading import Reading, read
from babble_jax.errors import BabbleError
from tests.conversation import annotations

MAX_MESSAGE = 320  # characters of a message without the names of files


def sound(kind: str = "WAV", seconds: float = 0.03, channels: int = 2) -> bytes:
    """Too short and too simple for speech: whether it is found is tried elsewhere."""
    at = np.arange(round(16_000 * seconds)) / 16_000
    waves = np.stack([0.2 * np.sin(2 * np.pi * (170 + 60 * i) * at) for i in range(channels)], axis=1)
    file = io.BytesIO()
    soundfile.write(file, waves, 16_000, format=kind)
    return file.getvalue()


# The file that is broken, and the one beside it that is not.
VALID = {
    "ms98": (annotations.ms98("A").encode(), annotations.ms98("B").encode()),
    "rttm": (annotations.rttm().encode(), b""),
    "mdtm": (annotations.mdtm().encode(), b""),
    "nxt": (annotations.nxt("f").encode(), annotations.nxt("g").encode()),
    "textgrid": (annotations.textgrid().encode(), b""),
    "elan": (annotations.eaf().encode(), b""),
    "chat": (annotations.chat().encode(), b""),
    "transcriber": (annotations.transcriber().encode(), b""),
    "stm": (annotations.stm().encode(), b""),
    "ctm": (annotations.ctm().encode(), b""),
    "uem": (annotations.uem().encode(), annotations.rttm().encode()),
    "kaldi": (annotations.kaldi()[0].encode(), b""),
    "santa_barbara": (annotations.santa_barbara().encode(), b""),
    "audacity": (annotations.audacity().encode(), b""),
    "lab": (annotations.lab().encode(), b""),
    "buckeye": (annotations.buckeye().encode(), b""),
    "srt": (annotations.srt().encode(), b""),
    "webvtt": (annotations.webvtt().encode(), b""),
    "whisper_tsv": (annotations.whisper_tsv().encode(), b""),
    "transcript_json": (annotations.transcript_json().encode(), b""),
    "seglst": (annotations.seglst().encode(), b""),
    "elan_export": (annotations.elan_export().encode(), b""),
    "table": (annotations.table().encode(), b""),
    "channels": (sound(), b""),
}


def check(conversation: Conversation) -> None:
    count = len(conversation.onset)
    for name in ("speaker", "end", "mark"):
        assert len(getattr(conversation, name)) == count
    assert np.isfinite(conversation.onset).all()
    assert np.isfinite(conversation.end).all()
    assert (conversation.onset >= 0).all()
    assert (conversation.end >= conversation.onset).all()
    assert ((conversation.speaker >= 0) & (conversation.speaker < len(conversation.speakers))).all()
    assert len(set(conversation.speakers)) == len(conversation.speakers) > 0
    assert np.isin(conversation.mark, list(Mark)).all()
    edges = conversation.windows.ravel()
    assert conversation.windows.shape == (len(edges) // 2, 2)
    assert len(edges) > 0
    assert np.isfinite(edges).all()
    assert (edges >= 0).all()
    assert (np.diff(edges) >= 0).all()


def check_reading(reading: Reading, folder: str) -> None:
    assert reading.conversations
    for conversation in reading.conversations:
        check(conversation)
    for skip in reading.skipped:
        assert skip.file.startswith(folder)
        check_sentence(skip.reason, folder)


def check_sentence(message: str, folder: str) -> None:
    message = message.replace(folder, "")
    assert 0 < len(message) < MAX_MESSAGE
    assert message.isprintable()


def read_or_refuse(path, format: str | None, folder: str) -> None:
    reading, message = None, ""
    try:
        reading = read(path, format)
    except BabbleError as error:
        message = str(error)
    if reading is not None:
        check_reading(reading, folder)
    else:
        assert folder in message
        assert message.endswith(".")
        check_sentence(message, folder)


def try_all(folder, data: bytes, beside: bytes = b"", formats: tuple[str | None, ...] = (None,)) -> None:
    """Reads a file by itself, then with the one beside it."""
    path = folder / "broken"
    path.write_bytes(data)
    (folder / "sound").write_bytes(beside)
    for format in formats:
        for source in (path, folder):
            read_or_refuse(source, format, str(folder))
