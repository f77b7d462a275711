"""Recordings cut to pieces and put together in another order, so that a voice learns to do as it is told.

Axes: T samples, N frames, F samples per frame, C features.

In recordings, what a voice is told never contradicts the samples just past, so that a trained voice may follow the
samples alone; once its own babble has strayed from what it is told (it speaks on where it should be silent), it is
where no recording ever was, and stays. Across a splice the past is wrong and the features are right. Between some of
the pieces there is silence, longer than any in recordings that begin and end with speech: a voice must last through it.
Into some silences sound breaks, which does not count for the score: it is there to be ended. A voice that has begun to
sound where it should be silent learns from it to stop, and not to begin.
"""

import numpy as np

_PIECE = 0.06, 1.0  # seconds; lengths are uniform in their logarithm
_SILENCE = 0.06, 1.5
_SILENT = 0.25  # share of the pieces that silence follows
_BREAK = 0.05  # seconds of the longest sound that breaks into silence


def shuffle_segments(
    audio: np.ndarray,
    rows: np.ndarray,
    frame: int,
    rate: int,
    silence: np.ndarray,
    draws: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The pieces of a recording, and their features, in random order and with silences.

    Cuts lie between frames. Before each joint the piece or the silence that ends fades, over one frame, into what
    preceded the next piece in the recording; half of the pieces before a silence do not, but break into it. Into half
    of the silences some other sound breaks. What breaks into a silence fades within a frame. What the silences push
    beyond the recording's length is left out; what is left over behind its last whole frame stays.

    Args:
      audio: [T] int16.
      rows: [N, C] features, N = T / F, rounded up.
      frame: F.
      rate: Hz.
      silence: [C] features of silence.
      draws: consumed.

    Returns:
      as `audio` and `rows`, of the same shapes; and which samples count, [T] bool: what breaks into a silence does not,
      nor does the frame in which it ends, but how the sound that broke into it fades does.
    """

    def length(shortest: float, longest: float) -> int:
        seconds = np.exp(draws.uniform(np.log(shortest), np.log(longest)))
        return max(1, round(seconds * rate / frame))

    whole = len(audio) // frame
    cuts = [0]
    while cuts[-1] < whole:
        cuts.append(min(whole, cuts[-1] + length(*_PIECE)))
    # Frame -1 is silence.
    line = [np.zeros(0, int)]
    for i in draws.permutation(len(cuts) - 1):
        line.append(np.arange(cuts[i], cuts[i + 1]))
        if draws.random() < _SILENT:
            line.append(np.full(length(*_SILENCE), -1))
    frames = np.concatenate(line)[:whole]
    sounds = np.concatenate([audio[: whole * frame].reshape(whole, frame), np.zeros((1, frame), audio.dtype)])
    mixed, told = audio.copy(), rows.copy()
    pieces = mixed[: whole * frame].reshape(whole, frame)
    pieces[:] = sounds[frames]
    told[:whole] = np.concatenate([rows[:whole], silence[None]])[frames]
    counted = np.ones(len(audio), bool)
    rise = (np.arange(frame) + 0.5) / frame

    def intrude(at: int, silent: int, first: int) -> None:
        """Frames from `first` on break into `silent` silent ones from `at` on."""
        count = min(
            int(draws.integers(max(1, round(_BREAK * rate / frame)))) + 1, silent - 1, whole - 1 - first
        )
        if count > 0:
            pieces[at : at + count] = sounds[first : first + count]
            pieces[at + count] = np.rint((1 - rise) * sounds[first + count])
            counted[at * frame : (at + count) * frame] = False

    for last in np.flatnonzero((np.diff(frames) != 1) & ((frames[:-1] >= 0) | (frames[1:] >= 0))):
        following = frames[last + 1]
        late = following < 0 and draws.random() < 0.5
        if not late:
            before = sounds[following - 1] if following > 0 else np.zeros(frame)
            pieces[last] = np.rint((1 - rise) * pieces[last] + rise * before)
            counted[last * frame : (last + 1) * frame] = frames[last] >= 0
        if following < 0:
            silent = int(np.argmax(np.append(frames[last + 1 :], 0) >= 0))
            if late:
                intrude(int(last) + 1, silent, int(frames[last]) + 1)
            if draws.random() < 0.5:
                place = int(draws.integers(silent))
                intrude(int(last) + 1 + place, silent - place, int(draws.integers(whole)))
    return mixed, told, counted
