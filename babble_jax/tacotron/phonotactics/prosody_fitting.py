"""Fits the prosody model on phrases that were said, and measures how well it predicts others.

Axes: N phones, F frames of 10 ms, K features.
"""

from collections.abc import Sequence

import numpy as np

from babble_jax.audio.pitch import HOP
from babble_jax.errors import BabbleError
from babble_jax.tacotron.measured_prosody import Contours, PhoneProsody, measure_frames
from babble_jax.tacotron.phonotactics.phrase import PhoneSet
from babble_jax.tacotron.phonotactics.prosody import AdditiveTarget, ProsodyModel
from babble_jax.tacotron.phonotactics.prosody_features import features
from babble_jax.tacotron.phonotactics.utterances import LabelledUtterance, SpokenPhrase

_RIDGE = 3.0
_FEWEST_FRAMES = 2
"""Voiced frames of a phone from which its pitch is taken."""
_WIDEST = 1.0
"""Octaves from the median of the speaker: what is farther off is an error of the pitch tracker."""
_VOICED = 0.5
_SILENCE_LEVEL = -40.0
"""dB from the level of the utterance, of pauses where none has a label."""


def speaker_median_f0(utterances: Sequence[LabelledUtterance]) -> float:
    """Computes the median of all voiced frames, Hz; NaN if there are none."""
    voiced = [one.f0[np.isfinite(one.f0)] for one in utterances if one.f0 is not None]
    every = np.concatenate([np.zeros(0), *voiced])
    return float(np.median(every)) if every.size else float("nan")


def measure_utterance(utterance: LabelledUtterance, median_f0: float, phones: PhoneSet) -> PhoneProsody:
    """Measures all phones of an utterance, pauses among them.

    Args:
      utterance: with labels.
      median_f0: Hz, of the speaker.
      phones: of the language.
    """
    onset, end = utterance.onset, utterance.end
    f0, rms_db = (np.zeros(0) if x is None else x for x in (utterance.f0, utterance.rms_db))
    edges = (np.rint(times / HOP).astype(int) for times in (onset, end))
    frames = [slice(start, stop) for start, stop in zip(*edges, strict=True)]
    silent = [symbol == phones.silence for symbol in utterance.symbols]
    measured = measure_frames(Contours(f0, rms_db), frames, silent, median_f0, _WIDEST, _FEWEST_FRAMES)
    with np.errstate(divide="ignore", invalid="ignore"):
        return PhoneProsody(np.where(end > onset, np.log(end - onset), np.nan), *measured)


def measure_phrase(
    spoken: SpokenPhrase, utterance: LabelledUtterance, median_f0: float, phones: PhoneSet
) -> PhoneProsody:
    """Measures the phones of a phrase.

    Args:
      spoken: the phrase.
      utterance: in which it is.
      median_f0: Hz, of the speaker.
      phones: of the language.
    """
    at = slice(spoken.first, spoken.first + len(spoken.phrase.phones))
    return measure_utterance(utterance, median_f0, phones).cut(at)


def fit_prosody(
    spoken: Sequence[SpokenPhrase], utterances: Sequence[LabelledUtterance], phones: PhoneSet
) -> ProsodyModel:
    """Fits a model by ridge regression.

    Args:
      spoken: phrases.
      utterances: in which they are, with f0 and rms_db.
      phones: of the language.

    Raises:
      BabbleError: no utterance has pitch and level.
    """
    median_f0 = speaker_median_f0(utterances)
    if not np.isfinite(median_f0) or not spoken:
        raise BabbleError("A prosody model needs voiced speech with labels of its phones; give recordings.")
    measured = [measure_utterance(one, median_f0, phones) for one in utterances]
    measures = [
        measured[one.utterance].cut(slice(one.first, one.first + len(one.phrase.phones))) for one in spoken
    ]
    tables = [features(one.phrase, phones) for one in spoken]
    names = np.array([phone for one in spoken for phone in one.phrase.phones])
    phrase = np.repeat(np.arange(len(spoken)), [len(table) for table in tables])
    table = np.concatenate(tables)
    voiced = np.concatenate([one.voiced for one in measures])
    shares = {phone: np.nanmean(voiced[names == phone]) for phone in np.unique(names)}
    duration, f0, level = (
        _fit_target(np.concatenate([getattr(one, kind) for one in measures]), table, names, phrase, phones)
        for kind in ("log_duration", "f0", "level")
    )
    return ProsodyModel(
        phones,
        duration,
        f0,
        level,
        frozenset(str(phone) for phone, share in shares.items() if share > _VOICED),
        _silence_level(measured, utterances, phones),
        {final: _pauses(spoken, utterances, phones, final) for final in (False, True)},
        median_f0,
    )


def _fit_target(
    y: np.ndarray, table: np.ndarray, names: np.ndarray, phrase: np.ndarray, phones: PhoneSet
) -> AdditiveTarget:
    """Fits phone means and weights together; features are shrunk towards 0, and means towards the common one."""
    measured = np.isfinite(y)
    y, table, names, phrase = y[measured], table[measured], names[measured], phrase[measured]
    every = sorted({*phones.consonants, *phones.vowels})
    design = np.concatenate([names[:, None] == np.array(every)[None, :], table], axis=1).astype(float)
    common = float(y.mean())
    square = design.T @ design + _RIDGE * np.eye(design.shape[1])
    solution = np.linalg.solve(square, design.T @ (y - common))
    residual = y - common - design @ solution
    shared = np.bincount(phrase, residual, minlength=phrase.max() + 1)
    counts = np.bincount(phrase, minlength=phrase.max() + 1)
    within = residual - (shared / np.maximum(counts, 1))[phrase]
    # The mean residual of a phrase has the variance of the phrase and, of chance, that of a phone by its phones.
    variance = (residual**2).mean() - (within**2).sum() / max(len(y) - (counts > 0).sum(), 1)
    vowel = np.array([phones.is_vowel(name) for name in names])
    return AdditiveTarget(
        {phone: round(common + float(x), 5) for phone, x in zip(every, solution, strict=False)},
        solution[len(every) :].round(5),
        round(float(within[vowel].std()), 5),
        round(float(within[~vowel].std()), 5) if (~vowel).any() else 0.0,
        round(float(np.sqrt(max(variance, 0.0))), 5),
    )


def _silence_level(
    measured: Sequence[PhoneProsody], utterances: Sequence[LabelledUtterance], phones: PhoneSet
) -> float:
    """Computes the mean level of pauses, dB from the level of their utterances."""
    levels = [
        level
        for prosody, one in zip(measured, utterances, strict=True)
        for level, symbol in zip(prosody.level, one.symbols, strict=True)
        if symbol == phones.silence
    ]
    every = np.array(levels)[np.isfinite(levels)]
    return round(float(every.mean()), 5) if every.size else _SILENCE_LEVEL


def _pauses(
    spoken: Sequence[SpokenPhrase], utterances: Sequence[LabelledUtterance], phones: PhoneSet, final: bool
) -> tuple[float, float]:
    """Computes mean and standard deviation of the logarithm of pauses within utterances, seconds."""
    logs = []
    for one in spoken:
        utterance, at = utterances[one.utterance], one.first + len(one.phrase.phones)
        after = list(utterance.symbols[at:])
        if one.phrase.final == final and after and set(after) != {phones.silence}:
            while after and after[0] == phones.silence:
                after.pop(0)
                at += 1
            logs.append(
                np.log(max(utterance.onset[at] - utterance.end[one.first + len(one.phrase.phones) - 1], 0.01))
            )
    if not logs:
        return float(np.log(0.4)), 0.5  # no such pause was seen
    return round(float(np.mean(logs)), 5), round(float(np.std(logs)), 5)
