"""What a model is told about utterances: phones, and beside them prosody, speaker and language, by name.

Axes: B streams, N phones, C channels of prosody.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import jax
import numpy as np

from babble_jax.errors import BabbleError
from babble_jax.tacotron.config import InputConfig


class PhoneInputs(NamedTuple):
    """Utterances, padded to the longest.

    Attributes:
      phones: [B, N] int32, numbers in `InputConfig.symbols`; any of them in the padding.
      lengths: [B] int32, phones of each utterance, at least 1.
      prosody: [B, N, C] float32; 0 where nothing is asked for. None for a model without prosody.
      speaker: [B] int32; None for a model of one speaker.
      language: [B] int32; None for a model of one language.
    """

    phones: jax.Array | np.ndarray
    lengths: jax.Array | np.ndarray
    prosody: jax.Array | np.ndarray | None = None
    speaker: jax.Array | np.ndarray | None = None
    language: jax.Array | np.ndarray | None = None


def encode_symbols(config: InputConfig, symbols: Sequence[str]) -> np.ndarray:
    """Looks up the numbers of phones, [N] int32.

    Args:
      config: what the model is told.
      symbols: names of the phones.

    Raises:
      BabbleError: there are none, or the model does not have one of them.
    """
    if not symbols:
        raise BabbleError("no phones are named; give one at least.")
    numbers = {symbol: number for number, symbol in enumerate(config.symbols)}
    if unknown := sorted({*symbols} - numbers.keys()):
        raise BabbleError(f"the voice has no phone {unknown[0]!r}; its phones: {' '.join(config.symbols)}.")
    return np.array([numbers[symbol] for symbol in symbols], np.int32)


def make_inputs(
    config: InputConfig,
    utterances: Sequence[Sequence[str]],
    prosody: Sequence[Mapping[str, np.ndarray]] = (),
    speaker: str | None = None,
    language: str | None = None,
    length: int | None = None,
) -> PhoneInputs:
    """Makes the inputs of utterances, all of one speaker and language.

    Args:
      config: what the model is told.
      utterances: names of the phones of each.
      prosody: of each utterance, values per phone by the name of the channel; 0 for a channel that is not there.
      speaker: name; None for the first.
      language: name; None for the first.
      length: N; None for that of the longest utterance.

    Raises:
      BabbleError: a phone, speaker or language that the model does not have.
    """
    codes = [encode_symbols(config, symbols) for symbols in utterances]
    count = max(map(len, codes)) if length is None else length
    phones = np.stack([np.pad(one, (0, count - len(one))) for one in codes])
    channels = np.zeros((len(codes), count, len(config.prosody)), np.float32)
    for row, values in zip(channels, prosody, strict=False):
        for channel, name in enumerate(config.prosody):
            if name in values:
                row[: len(values[name]), channel] = values[name]
    return PhoneInputs(
        phones,
        np.array([len(one) for one in codes], np.int32),
        channels if config.prosody else None,
        _number("speaker", config.speakers, speaker, len(codes)),
        _number("language", config.languages, language, len(codes)),
    )


def _number(kind: str, names: tuple[str, ...], name: str | None, count: int) -> np.ndarray | None:
    """Looks up the number of a speaker or language, [count] int32; None where the model has one alone.

    Args:
      kind: "speaker" or "language".
      names: of all.
      name: of the one; None for the first.
      count: how often.
    """
    if name is not None and name not in names:
        there = f"there are {', '.join(names)}" if names else f"it has one {kind} without a name"
        raise BabbleError(f"the voice has no {kind} {name!r}; {there}.")
    if not names:
        return None
    return np.full(count, 0 if name is None else names.index(name), np.int32)
