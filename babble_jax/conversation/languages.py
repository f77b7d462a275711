"""Tags of languages: the codes of ISO 639 that corpora are labelled with, into BCP 47.

BCP 47 (RFC 5646, 2.2.1) takes the two letters of ISO 639-1 where a language has them, and the three letters of
ISO 639-3 otherwise. `langcodes` knows them, but three languages have our own tags: langcodes keeps Mandarin apart
from Chinese, where corpora mean Mandarin by Chinese; it takes Serbo-Croatian for Serbian, and Tagalog for Filipino.
"""

import re

_OWN = {"cmn": "zh", "hbs": "sh", "sh": "sh", "tgl": "tl", "tl": "tl"}


def language_tag(code: str) -> str | None:
    """Returns the BCP 47 tag of a language's code of two or three letters; None for what is no such code."""
    code = code.strip().lower()
    if not re.fullmatch("[a-z]{2,3}", code):
        return None
    if code in _OWN:
        return _OWN[code]
    import langcodes  # loaded where a file names a language

    return langcodes.standardize_tag(code)
