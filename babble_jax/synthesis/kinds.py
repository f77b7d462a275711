"""The kinds of sound that are synthesized, by the names that `babble dataset` takes."""

import zlib

from babble_jax.arguments import check_arguments
from babble_jax.config import check_seed
from babble_jax.errors import BabbleError

KINDS: dict[str, str] = {
    "chip": "8-bit sounds (pulse, triangle, noise) with the timing of speech",
    "opera-soprano": "sung vowels of a soprano with the phrasing of speech",
    "opera-alto": "sung vowels of an alto with the phrasing of speech",
    "opera-tenor": "sung vowels of a tenor with the phrasing of speech",
    "opera-bass": "sung vowels of a bass with the phrasing of speech",
}
"""The contents of each kind, one line."""
RATE = 16_000
"""Hz, of the recordings."""
MINUTES = 20.0
"""Of recordings, where nothing else is asked for."""
MOST_MINUTES = 600.0
RECORDING_SECONDS = 15.0
"""Length of a recording: a few phrases. The last one of a folder may be shorter."""
_SHORTEST_SECONDS = 3.0


def kind_seed(kind: str) -> int:
    """Computes a seed of the name of a kind (CRC-32), so that no two kinds share what is drawn."""
    return zlib.crc32(kind.encode())


def recording_lengths(minutes: float) -> list[float]:
    """Divides minutes into recordings: seconds of each. A rest that is too short for one is left out."""
    full, rest = divmod(round(60 * minutes, 3), RECORDING_SECONDS)
    return [RECORDING_SECONDS] * int(full) + ([rest] if rest >= _SHORTEST_SECONDS else [])


def check_instrument(name: str) -> None:
    """Checks the name of an instrument of sound files, which becomes that of a folder and of a speaker.

    Raises:
      BabbleError: it is that of a kind, or no name of a folder.
    """
    if name in KINDS or not name.strip() or name in (".", "..") or set(name) & set("/\\"):
        raise BabbleError(
            f"{name!r}: is no name for an instrument of sound files; choose one without slashes that is none of "
            f"{', '.join(KINDS)}."
        )


@check_arguments
def check_length(minutes: float, seed: int) -> None:
    """Checks how much is to be made.

    Raises:
      BabbleError: it is too little or too much, or the seed is none.
    """
    least = _SHORTEST_SECONDS / 60
    if not least <= minutes <= MOST_MINUTES:
        raise BabbleError(
            f"{minutes:g} minutes of sound are asked for; choose from {least:g} to {MOST_MINUTES:g}."
        )
    check_seeds(seed)


def check_seeds(*seeds: int) -> None:
    """Checks seeds.

    Raises:
      BabbleError: one is negative or too large.
    """
    for seed in seeds:
        try:
            check_seed(seed)
        except ValueError as error:
            raise BabbleError(f"{error}.") from error
