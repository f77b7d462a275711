"""What `babble judge` says of the pieces of a long sound."""

from typing import Any

from babble_jax.judge.comparison import ALLOWED_SHARE, Comparison
from babble_jax.judge.reference import lay_pieces


def describe_comparison(comparison: Comparison, seconds: float) -> dict[str, Any]:
    """Returns the keys of the JSON output that say how a sound compares.

    Args:
      comparison: of the sound.
      seconds: its length.
    """
    return {
        "verdict": comparison.likeness,
        "within_share": comparison.within_share,
        "pieces_like": sum(one == "like" for one in comparison.like),
        "pieces_outside": comparison.count(),
        "worst_piece": lay_pieces(seconds)[comparison.worst].tolist(),
    }


def describe_pieces(comparison: Comparison, seconds: float, name: str) -> str:
    """Says how many pieces of a sound are like the speech, which measures most often are not, and which piece is worst.

    Args:
      comparison: of the sound, of more than one piece.
      seconds: its length.
      name: of the speech.
    """
    pieces, measures = len(comparison.within), len(comparison.names)
    like = sum(one == "like" for one in comparison.like)
    start, end = lay_pieces(seconds)[comparison.worst]
    counts = sorted(comparison.count().items(), key=lambda item: -item[1])
    often = [f"{one} in {count}" for one, count in counts if count > ALLOWED_SHARE * pieces]
    most = f"; often outside or not measured: {', '.join(often)} of them" if often else ""
    return (
        f"in {like} of {pieces} pieces at least {measures - int(ALLOWED_SHARE * measures)} of {measures} measures lie "
        f"within the range of {name}{most}; the least like it is {start:.1f} to {end:.1f} s, with "
        f"{comparison.within[comparison.worst]} of {measures}"
    )
