"""A tiny ear with random weights, which hears anything in anything."""

from pathlib import Path

from babble_jax.ear.config import EarConfig
from babble_jax.ear.ear import Ear
from babble_jax.ngram import fit_ngram
from babble_jax.pretrained.ear import save_ear
from tests.ear.tiny_ear import draw_params

SYMBOLS = ("pau", "a", "b", "m")
TEXT = (("pau", "a", "b", "a", "pau"), ("pau", "m", "a", "pau", "b", "a", "m", "a", "pau"))
"""The strings of its n-gram."""


def make_ear(symbols: tuple[str, ...] = SYMBOLS, seed: int = 0, **options) -> Ear:
    """Makes an ear of the smallest sizes.

    Args:
      symbols: of the ear; the n-gram is of `TEXT` where they are its own.
      seed: of the weights.
      options: of `EarConfig`.
    """
    sizes = {"dim": 8, "layers": 1, "recurrent": 8, "bands": 10, "context": 1} | options
    config = EarConfig(symbols, **sizes)
    ngram = fit_ngram(TEXT, 2, symbols) if symbols == SYMBOLS else None
    return Ear(config, draw_params(config, seed), ngram, {"trained_on": "nothing"})


def write_ear(folder: Path, **options) -> Path:
    """Writes such an ear and returns its folder."""
    save_ear(make_ear(**options), folder)
    return folder
