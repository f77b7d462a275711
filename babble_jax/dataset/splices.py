"""Recordings cut to pieces and put together in another order, so that a voice learns to do as it is told.

Axes: T samples, N frames, F samples per frame, C features.

In recordings, what a voice is told never contradicts the samples just past, so that a trained voice may follow the
samples alone; once its own babble has strayed from what it is told (it speaks on where it should be silent), it is
where no recording ever was, and stays. Across a splice the past is wrong and the features are right.
"""

import numpy as np

_SHORTEST, _LONGEST = 0.06, 1.0  # seconds; lengths of pieces are uniform in their logarithm


def spliced(
    audio: np.ndarray, rows: np.ndarray, frame: int, rate: int, draws: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """The pieces of a recording, and their features, in random order.

    Cuts lie between frames. Before each joint the piece that ends fades, over one frame, into what preceded the next
    piece in the recording. What is left over behind the last whole frame stays at the end.

    Args:
      audio: [T] int16.
      rows: [N, C] features, N = T / F, rounded up.
      frame: F.
      rate: Hz.
      draws: consumed.

    Returns:
      as `audio` and `rows`, of the same shapes.
    """
    whole = len(audio) // frame
    cuts = [0]
    while cuts[-1] < whole:
        seconds = np.exp(draws.uniform(np.log(_SHORTEST), np.log(_LONGEST)))
        cuts.append(min(whole, cuts[-1] + max(1, round(seconds * rate / frame))))
    order = draws.permutation(len(cuts) - 1)
    frames = np.concatenate([np.arange(0), *(np.arange(cuts[i], cuts[i + 1]) for i in order)]).astype(int)
    samples = (frames[:, None] * frame + np.arange(frame)).ravel()
    mixed, told = audio.copy(), rows.copy()
    mixed[: len(samples)], told[: len(frames)] = audio[samples], rows[frames]
    rise = (np.arange(frame) + 0.5) / frame
    for last in np.flatnonzero(np.diff(frames) != 1):
        following = frames[last + 1]
        before = audio[(following - 1) * frame : following * frame] if following else np.zeros(frame)
        joint = slice(last * frame, (last + 1) * frame)
        mixed[joint] = np.rint((1 - rise) * mixed[joint] + rise * before).astype(audio.dtype)
    return mixed, told
