"""How a model from phones to spectrograms reads sentences that are longer than those of its training.

Axes: N phones.
"""

import dataclasses
from collections.abc import Sequence

import numpy as np

from babble_jax.dataset.labelled.recording import SILENCE
from babble_jax.pretrained.synthesizer import PretrainedSynthesizer
from babble_jax.progress import Progress
from babble_jax.tacotron.config import LOG_DURATION, InputConfig
from babble_jax.tacotron.scoring import reading_errors
from babble_jax.train.tasks.tacotron.pieces import Piece
from experiments.pipelines.synthesis_scores import MOST_TIMES, prosody_channels


def score_reading(
    model: PretrainedSynthesizer,
    pieces: Sequence[Piece],
    longest: float,
    times: Sequence[int],
    most_sentences: int,
) -> dict[str, dict[str, float]]:
    """Counts phones that are skipped and repeated in sentences up to several times the training's longest piece.

    Args:
      model: that speaks.
      pieces: of which sentences are made, as many as fit into the length.
      longest: seconds of the training's longest piece.
      times: multiples of it.
      most_sentences: for each multiple.

    Returns:
      By the multiple: skipped and repeated of 100 phones, share of the sentences that the model ended by itself, their
      mean length in seconds as recorded.
    """
    scores, hop = {}, model.config.mel.hop_seconds
    for multiple in times:
        count = min(most_sentences, len(pieces))
        most = multiple * longest / hop
        joined = [join_pieces(model.config.inputs, pieces, start, most) for start in range(count)]
        phones, ended, seconds, errors = 0, 0, 0.0, np.zeros(2)
        with Progress(f"reading {multiple} times the length", count, "sentences") as progress:
            for piece in joined:
                symbols = [model.config.inputs.symbols[i] for i in piece.phones]
                limit = MOST_TIMES * multiple * longest
                speech = model.speak(symbols, prosody_channels(model, piece), seconds=limit)
                errors += reading_errors(speech.attention)
                phones, ended = phones + len(symbols), ended + speech.ended
                seconds += piece.frames * hop
                progress.update()
        scores[str(multiple)] = {
            "skipped_of_100_phones": 100 * errors[0] / phones,
            "repeated_of_100_phones": 100 * errors[1] / phones,
            "ended": ended / count,
            "mean_seconds": seconds / count,
            "sentences": count,
        }
    return scores


def join_pieces(inputs: InputConfig, pieces: Sequence[Piece], start: int, most: float) -> Piece:
    """Joins pieces one after another to a sentence of so many frames at most, of one piece at least.

    Where one ends and the next begins with silence, they share it.

    Args:
      inputs: of the model.
      pieces: of one model; after the last comes the first again.
      start: number of the first.
      most: frames.
    """
    joined = pieces[start]
    for number in range(1, len(pieces)):
        following = pieces[(start + number) % len(pieces)]
        if joined.frames + following.frames > most:
            break
        joined = _join(inputs, joined, following)
    return joined


def _join(inputs: InputConfig, one: Piece, other: Piece) -> Piece:
    """Joins two pieces."""
    silence = inputs.symbols.index(SILENCE) if SILENCE in inputs.symbols else -1
    shared = int(one.phones[-1] == silence == other.phones[0])
    phones = np.concatenate([one.phones, other.phones[shared:]])
    prosody = None
    if one.prosody is not None and other.prosody is not None:
        prosody = np.concatenate([one.prosody, other.prosody[shared:]])
        if shared and LOG_DURATION in inputs.prosody:
            at = inputs.prosody.index(LOG_DURATION)
            prosody[len(one.phones) - 1, at] = np.logaddexp(one.prosody[-1, at], other.prosody[0, at])
    return dataclasses.replace(
        one, frames=one.frames + other.frames, phones=phones, ends=None, prosody=prosody
    )
