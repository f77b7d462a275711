"""Phones of texts by espeak-ng, where it is installed: IPA, with the stress of each word.

espeak-ng (https://github.com/espeak-ng/espeak-ng) reads about a hundred languages by rules and lists of exceptions. It
is no part of this package, which opens its library where there is one. Its licence is the GPL, version 3 or later; the
phones that it gives of a text are data.
"""

import ctypes
import functools
import re
import threading
from collections.abc import Iterable
from typing import NamedTuple

from babble_jax.errors import BabbleError

LICENCE = "GPL-3.0-or-later"
STRESS = "ˈ"  # noqa: RUF001
"""Stands before the name of a vowel with the main stress of its word."""
_SECONDARY, _SYLLABIC = "ˌ", "\u0329"
_VOWELS = "aeiouyæøœɐɑɒɔəɘɚɛɜɝɞɤɨɪɯɵɶʉʊʌʏᵻᵿ"  # noqa: RUF001
_UNNAMED = {"??": "ʊɐ"}
"""A phone for which version 1.51 has no IPA: the vowel of German "Burg"."""
_SWITCH = re.compile(r"\(([a-z-]+)\)")
_LIBRARIES = ("libespeak-ng.so.1", "libespeak-ng.dylib", "libespeak-ng.dll")
_SYNCHRONOUS, _DO_NOT_EXIT = 2, 1 << 15
_UTF8, _IPA, _SEPARATOR = 1, 2, "_"
_LOCK = threading.Lock()  # the library has one state


class PronouncedWord(NamedTuple):
    """A word as espeak-ng reads it.

    Attributes:
      phones: names in IPA; `STRESS` before that of a stressed vowel, and no mark of secondary stress.
      foreign: it is read by the rules of another language.
    """

    phones: tuple[str, ...]
    foreign: bool


def is_vowel(phone: str) -> bool:
    """Says if a phone in IPA is a nucleus: a vowel, a diphthong or a syllabic consonant."""
    return phone.removeprefix(STRESS)[0] in _VOWELS or _SYLLABIC in phone


def parse_clause(text: str) -> list[PronouncedWord]:
    """Reads the words of a clause as espeak-ng writes them.

    Args:
      text: words with spaces between them, phones with underscores; (xx) where the language of the rules changes.
    """
    words, switched = [], False
    for part in text.split():
        phones, stressed, foreign = [], False, switched
        for name in _SWITCH.sub(r"_(\1)_", part).split(_SEPARATOR):
            if _SWITCH.fullmatch(name):
                switched = not switched
                foreign = True
                continue
            stressed |= STRESS in name
            name = name.replace(STRESS, "").replace(_SECONDARY, "")
            if name:
                name = _UNNAMED.get(name, name)
                phones.append(STRESS + name if stressed and is_vowel(name) else name)
                stressed &= not is_vowel(name)
        if phones:
            words.append(PronouncedWord(tuple(phones), foreign))
    return words


def pronounce(texts: Iterable[str], voice: str) -> list[list[PronouncedWord]]:
    """Returns the words of each text, as espeak-ng reads it.

    Words of a text that are said as one ("of the") are one.

    Args:
      texts: clauses, or single words.
      voice: of espeak-ng, "en-us" for example (`espeak-ng --voices` lists them).

    Raises:
      BabbleError: espeak-ng is not installed, or has no such voice.
    """
    library = _open_library()
    with _LOCK:
        # The library reads a name up to its first NUL.
        if "\0" in voice or library.espeak_SetVoiceByName(voice.encode()) != 0:
            raise BabbleError(
                f"espeak-ng has no voice {voice!r}; name one of those that `espeak-ng --voices` lists."
            )
        return [parse_clause(_transcribe(library, text)) for text in texts]


def name_program() -> str:
    """Returns the name and the version of the program.

    Raises:
      BabbleError: espeak-ng is not installed.
    """
    library = _open_library()
    return f"espeak-ng {library.espeak_Info(None).decode().split()[0]}"


def _transcribe(library: ctypes.CDLL, text: str) -> str:
    ahead, clauses = ctypes.c_char_p(text.replace("\0", " ").encode()), []
    while ahead.value is not None:
        mode = _IPA | ord(_SEPARATOR) << 8
        clauses.append(library.espeak_TextToPhonemes(ctypes.byref(ahead), _UTF8, mode).decode())
    return " ".join(clauses)


@functools.cache
def _open_library() -> ctypes.CDLL:
    for name in _LIBRARIES:
        try:
            library = ctypes.CDLL(name)
        except OSError:
            continue
        library.espeak_Info.restype = ctypes.c_char_p
        library.espeak_Info.argtypes = [ctypes.c_void_p]
        library.espeak_TextToPhonemes.restype = ctypes.c_char_p
        library.espeak_TextToPhonemes.argtypes = [
            ctypes.POINTER(ctypes.c_char_p),
            ctypes.c_int,
            ctypes.c_int,
        ]
        if library.espeak_Initialize(_SYNCHRONOUS, 0, None, _DO_NOT_EXIT) > 0:
            return library
    raise BabbleError(
        "espeak-ng, which says how words are spoken, is not installed, or its data are missing; install it "
        "(`apt-get install espeak-ng`, `brew install espeak-ng`)."
    )
