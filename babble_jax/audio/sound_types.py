"""Recognizes sound files by what they begin with, whatever their names say; imports no library of sound.

These are the types that libsndfile decodes and that begin with a mark of their own. It decodes some more without one
(HTK, MIDI sample dumps, MATLAB matrices), which are read where such a file itself is named.
"""

import os
import re
from pathlib import Path

from babble_jax.audio.containers import mp3

SUFFIXES = (
    *(
        ".wav",
        ".flac",
        ".ogg",
        ".opus",
        ".mp3",
        ".mp2",
        ".aif",
        ".aiff",
        ".aifc",
        ".au",
        ".snd",
        ".caf",
        ".w64",
    ),
    *(".rf64", ".sph", ".voc", ".m4a", ".aac", ".wma", ".amr"),
)
"""Names by which a file in a folder is taken for a recording whatever it holds, so that a damaged one is listed, and
one of a type that cannot be decoded, such as AAC."""
NAMES = "wav, flac, ogg, opus, mp3, aiff, au, caf, w64, rf64, sph and others"
"""The types, for messages."""
HEAD = 4096
"""Bytes that tell the type."""
_MARKS = re.compile(
    rb"RIF[FX]....WAVE|RF64....WAVE"
    rb"|riff\x2e\x91\xcf\x11"  # W64
    rb"|fLaC|OggS|caff|NIST_1A|PVF1|2BIT|\x20paf|fap\x20"
    rb"|FORM....(?:AIFF|AIFC|8SVX|16SV)"
    rb"|\.snd|dns\."  # AU
    rb"|Creative\x20Voice\x20File|ALawSoundFile"
    rb"|\x64\xa3[\x00-\x04]\x00|\x00[\x00-\x04]\xa3\x64",  # IRCAM
    re.DOTALL,
)


def is_sound(head: bytes) -> bool:
    """Returns whether a file that begins with these bytes (4096 of them, or all) is a sound file."""
    if _MARKS.match(head):
        return True
    if head[:3] == b"ID3":  # a tag before FLAC or mp3; a picture in it is longer than the head
        return True
    return mp3.begins_with_frames(head)


def is_recording(path: str | os.PathLike) -> bool:
    """Returns whether a file is taken for a recording: by its name, or else because it begins as a sound file does."""
    path = Path(path)
    if path.suffix.lower() in SUFFIXES:
        return True
    try:
        if not path.is_file():  # to open a pipe would wait for ever
            return False
        with path.open("rb") as file:
            return is_sound(file.read(HEAD))
    except OSError:
        return False
