"""Shuffles the segments of a recording together with their features, so that a voice learns to follow the features.

Axes: T samples, N frames, F samples per frame.

In recordings the features never contradict the samples just past, so that a trained voice may follow the samples
alone. Once its own babble has departed from the features (it speaks on through a pause), it is in a state that no
recording was ever in, and stays there. At a joint of two segments the past samples are wrong and the features are
right. Between some of the segments there is silence, longer than any in recordings that begin and end with speech,
since a voice must stay silent through it. Into some silences a short sound is inserted, which the loss leaves out: a
voice that has begun to sound where it should be silent learns from it to stop, and does not learn to begin.
"""

import numpy as np

_SEGMENT = 0.06, 1.0  # seconds; lengths are uniform in their logarithm
_SILENCE = 0.06, 1.5
_SILENCE_PROB = 0.25  # that silence follows a segment
_INSERTION = 0.05  # seconds of the longest sound in a silence


def shuffle_segments(
    audio: np.ndarray, frame: int, rate: int, draws: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Puts the segments of a recording into random order with silences between them.

    Cuts lie between frames. Before each joint the segment or silence that ends fades, over one frame, into what
    preceded the next segment in the recording; half of the segments before a silence instead go on into it. In half of
    the silences another sound is inserted. Both fade within a frame. Frames that the silences push beyond the
    recording's length are left out; the samples behind its last complete frame stay.

    Args:
      audio: [T] int16.
      frame: F.
      rate: Hz.
      draws: consumed.

    Returns:
      (audio, order, loss_mask): [T] int16; [N] int32, N = T / F, rounded up: the frame of the recording whose features
      go with each frame, -1 for silence; [N] bool, false where a sound goes on into a silence or is inserted there, and
      in the frame in which it ends, but true in the frame in which it fades.
    """

    def draw_frames(shortest: float, longest: float) -> int:
        seconds = np.exp(draws.uniform(np.log(shortest), np.log(longest)))
        return max(1, round(seconds * rate / frame))

    count = len(audio) // frame
    cuts = [0]
    while cuts[-1] < count:
        cuts.append(min(count, cuts[-1] + draw_frames(*_SEGMENT)))
    # Frame -1 is silence.
    parts = [np.zeros(0, int)]
    for i in draws.permutation(len(cuts) - 1):
        parts.append(np.arange(cuts[i], cuts[i + 1]))
        if draws.random() < _SILENCE_PROB:
            parts.append(np.full(draw_frames(*_SILENCE), -1))
    frames = np.concatenate(parts)[:count]
    order = np.arange(-(-len(audio) // frame), dtype=np.int32)
    order[:count] = frames
    source, new_audio = audio[: count * frame].reshape(count, frame), audio.copy()
    target = new_audio[: count * frame].reshape(count, frame)
    if count:
        np.take(source, frames, axis=0, out=target, mode="clip")
    target[frames < 0] = 0
    loss_mask = np.ones(len(order), bool)
    rise = (np.arange(frame) + 0.5) / frame
    longest_silence = max(1, round(_SILENCE[1] * rate / frame))

    def insert_sound(at: int, silent: int, first: int) -> None:
        """Puts source frames from `first` on into the silence of `silent` frames that begins at `at`."""
        length = min(
            int(draws.integers(max(1, round(_INSERTION * rate / frame)))) + 1, silent - 1, count - 1 - first
        )
        if length > 0:
            target[at : at + length] = source[first : first + length]
            target[at + length] = np.rint((1 - rise) * source[first + length])
            loss_mask[at : at + length] = False

    for last in np.flatnonzero((np.diff(frames) != 1) & ((frames[:-1] >= 0) | (frames[1:] >= 0))):
        following = frames[last + 1]
        goes_on = following < 0 and draws.random() < 0.5
        if not goes_on:
            before = source[following - 1] if following > 0 else np.zeros(frame)
            target[last] = np.rint((1 - rise) * target[last] + rise * before)
            loss_mask[last] = frames[last] >= 0
        if following < 0:
            silent = int(np.argmax(np.append(frames[last + 1 : last + 2 + longest_silence], 0) >= 0))
            if goes_on:
                insert_sound(int(last) + 1, silent, int(frames[last]) + 1)
            if draws.random() < 0.5:
                delay = int(draws.integers(silent))
                insert_sound(int(last) + 1 + delay, silent - delay, int(draws.integers(count)))
    return new_audio, order, loss_mask
