"""Symbols of the n-gram: phones with their positions in the syllable and in the word."""

from babble_jax.tacotron.phonotactics.phrase import Word

CONSONANT_ROLES = ("onset", "coda", "final")
"""Positions of consonants; a final one is in the coda of the last syllable."""


def split_token(name: str) -> tuple[str, str]:
    """Returns the phone and the position of a symbol."""
    phone, _, role = name.rpartition(":")
    return phone, role


def token(phone: str, role: str) -> str:
    """Names a phone in a position, as the symbols of the n-gram are."""
    return f"{phone}:{role}"


def nucleus_role(syllable: int, stress: int, count: int) -> str:
    """Names the position of a nucleus: stressed, directly before the stress, earlier, or after it; and if it is last.

    Args:
      syllable: position in the word.
      stress: position of the stressed syllable.
      count: syllables of the word.
    """
    before = stress - syllable
    role = "after" if before < 0 else ("stressed", "pretonic", "early")[min(before, 2)]
    return f"{role} last" if syllable == count - 1 else role


def coda_role(syllable: int, count: int) -> str:
    """Names the position of a coda of a syllable, numbered from 0, of a word of `count` syllables."""
    return "final" if syllable == count - 1 else "coda"


def tokens(word: Word) -> tuple[str, ...]:
    """Lists the symbols of a word."""
    return tuple(
        name
        for i, one in enumerate(word.syllables)
        for name in (
            *(token(phone, "onset") for phone in one.onset),
            token(one.nucleus, nucleus_role(i, word.stress, len(word.syllables))),
            *(token(phone, coda_role(i, len(word.syllables))) for phone in one.coda),
        )
    )
