"""Reads strings of an ear's symbols that people write: phones with blanks between them, or letters."""

from collections.abc import Sequence

from babble_jax.ear.config import EarConfig
from babble_jax.errors import BabbleError

SPACE = " "
"""Symbol between words of an ear that hears letters."""
_MOST_NAMED = 5


def hears_letters(config: EarConfig) -> bool:
    """Returns whether the symbols of an ear are letters with a space between words, and not phones."""
    return SPACE in config.symbols


def read_symbols(text: str | Sequence[str], config: EarConfig, source: str = "text") -> tuple[str, ...]:
    """Reads a string of symbols.

    Args:
      text: phones with blanks between them, or, for an ear that hears letters, words; or a list of symbols.
      config: of the ear.
      source: of the text, with which a message begins.

    Raises:
      BabbleError: it holds no symbol, or one that the ear does not have; lists those that it has.
    """
    if not isinstance(text, str):
        symbols = tuple(text)
    elif hears_letters(config):
        symbols = tuple(SPACE.join(text.lower().split()))
    else:
        symbols = tuple(text.split())
    if not symbols:
        raise BabbleError(f"{source}: holds no phone; write the phones with blanks between them.")
    unknown = [*dict.fromkeys(symbol for symbol in symbols if symbol not in config.symbols)]
    if unknown:
        more = f" and {len(unknown) - _MOST_NAMED} more" if len(unknown) > _MOST_NAMED else ""
        symbol_list = " ".join(one if one.strip() else repr(one) for one in config.symbols)
        longest = max(map(len, config.symbols))
        words = not hears_letters(config) and any(len(symbol) > longest for symbol in unknown)
        hint = " It takes phones with blanks between them, and does not read words." if words else ""
        raise BabbleError(
            f"{source}: the ear does not have {', '.join(map(repr, unknown[:_MOST_NAMED]))}{more}; its "
            f"{len(config.symbols)} symbols are {symbol_list}.{hint}"
        )
    return symbols
