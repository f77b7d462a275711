"""Describes each phone of a phrase by what its duration, pitch and level depend on.

Axes: N phones of a phrase, K features.
"""

import numpy as np

from babble_jax.tacotron.phonotactics.phrase import PhoneSet, Phrase

NEIGHBOURS = ("pause", "vowel", "consonant")
PARTS = ("onset", "nucleus", "coda")
ACCENTS = ("first", "middle", "last")
"""Stressed syllables of a phrase; the only one is its last."""
_EDGE = 3
"""Syllables before the end of a phrase that are told apart."""

FEATURES = (
    *(f"{part} stressed" for part in PARTS),
    "nucleus pretonic",
    "word begins",
    *(f"word ends {part}" for part in PARTS),
    "phrase begins",
    *(f"before {kind}" for kind in NEIGHBOURS),
    *(f"after {kind}" for kind in NEIGHBOURS),
    *(f"{end} {back} {part}" for end in ("held", "final") for back in range(_EDGE) for part in PARTS),
    "held last phone",
    "final last phone",
    "syllables of the word",
    "syllables of the phrase",
    "held",
    "final",
    *(f"{end} {name}" for end in ("held", "final") for name in ("progress", "progress squared")),
    *(f"{end} accent {accent}" for end in ("held", "final") for accent in ACCENTS),
    *(f"{end} after accent {accent}" for end in ("held", "final") for accent in ACCENTS),
    *(f"{end} before accent" for end in ("held", "final")),
)
"""Names of the K features. Those with "held" or "final" hold for phrases that end so."""
_INDEX = {name: k for k, name in enumerate(FEATURES)}


def features(phrase: Phrase, phones: PhoneSet) -> np.ndarray:
    """Computes the features of each phone, [N, K].

    Args:
      phrase: of words.
      phones: of the language.
    """
    names: list[dict[str, float]] = []
    end = "final" if phrase.final else "held"
    syllables = [(word, i) for word in phrase.words for i in range(len(word.syllables))]
    accented = [at for at, (word, i) in enumerate(syllables) if word.syllables[i].stressed]
    for at, (word, i) in enumerate(syllables):
        one, count = word.syllables[i], len(word.syllables)
        back, progress = len(syllables) - 1 - at, at / max(len(syllables) - 1, 1)
        shared = {
            end: 1.0,
            "syllables of the word": np.log(count),
            "syllables of the phrase": np.log(len(syllables)),
            f"{end} progress": progress,
            f"{end} progress squared": progress**2,
            _accent(end, at, accented): 1.0,
        }
        last_of_word = i == count - 1
        pretonic = not last_of_word and word.syllables[i + 1].stressed
        for part, positions in zip(PARTS, (one.onset, (one.nucleus,), one.coda), strict=True):
            for _ in positions:
                row = dict(shared)
                row[f"{part} stressed"] = float(one.stressed)
                row["nucleus pretonic"] = float(part == "nucleus" and pretonic)
                row[f"word ends {part}"] = float(last_of_word)
                if back < _EDGE:
                    row[f"{end} {back} {part}"] = 1.0
                names.append(row)
        names[-len(one.phones)]["word begins"] = float(i == 0)
    for n, phone_before, phone_after in _neighbours(phrase, phones):
        names[n][f"after {phone_before}"] = names[n][f"before {phone_after}"] = 1.0
    names[0]["phrase begins"] = names[-1][f"{end} last phone"] = 1.0
    table = np.zeros((len(names), len(FEATURES)))
    for n, row in enumerate(names):
        for name, value in row.items():
            table[n, _INDEX[name]] = value
    return table


def _accent(end: str, at: int, accented: list[int]) -> str:
    """Names the accent of a syllable, or the last one before it."""
    before = [one for one in accented if one <= at]
    if not before:
        return f"{end} before accent"
    kind = "last" if before[-1] == accented[-1] else "first" if len(before) == 1 else "middle"
    return f"{end} accent {kind}" if before[-1] == at else f"{end} after accent {kind}"


def _neighbours(phrase: Phrase, phones: PhoneSet) -> list[tuple[int, str, str]]:
    kinds = ["pause", *("vowel" if phones.is_vowel(one) else "consonant" for one in phrase.phones), "pause"]
    return [(n, kinds[n], kinds[n + 2]) for n in range(len(phrase.phones))]
