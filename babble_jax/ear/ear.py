"""An ear: what was said when, in phones or letters.

Axes: T samples, S steps, P symbols, N symbols of a string.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import numpy as np

from babble_jax.audio.resampling import resample
from babble_jax.ear.alignment import align
from babble_jax.ear.config import EarConfig
from babble_jax.ear.decoding.automaton import make_automaton
from babble_jax.ear.decoding.beam import BeamConfig, decode_beam
from babble_jax.ear.decoding.greedy import decode_greedy
from babble_jax.ear.features import features
from babble_jax.ear.inference import LogProbs, run
from babble_jax.ear.pieces import cut_at_quiet
from babble_jax.ear.segments import PhoneSegments, join_segments
from babble_jax.errors import BabbleError
from babble_jax.ngram import NGram

_LARGEST_TABLE = 2_000_000_000  # bytes of the way back of an alignment


class Ear:
    """Hears which symbols a recording holds, and when; or aligns symbols that are known with it.

    Args:
      config: its shape.
      params: of `ear.model.init`.
      ngram: of its symbols in its language, for the beam search; None for none.
      card: what it was made from, as JSON values.
      beam: settings of the prefix beam search that suit it; the defaults if None.

    Attributes:
      config: its shape.
      params: nested dict of float32 NumPy arrays.
      ngram: of its symbols, or None.
      card: what it was made from.
      beam: settings of the prefix beam search.
      automaton: of the n-gram, for `decode_beam`.

    Raises:
      ValueError: the n-gram has other symbols.

    Examples:
      >>> ear = load_ear("ear")
      >>> segments = ear.align(np.zeros(16_000, np.float32), 16_000, ["m", "a"])
      >>> [symbol for symbol in segments.symbols if symbol != "pau"]
      ['m', 'a']
    """

    def __init__(
        self,
        config: EarConfig,
        params: Mapping[str, Any],
        ngram: NGram | None = None,
        card: Mapping[str, Any] | None = None,
        beam: BeamConfig | None = None,
    ):
        self.config, self.ngram, self.card, self.beam = config, ngram, dict(card or {}), beam or BeamConfig()
        self.params = _to_numpy(params)
        self.automaton = make_automaton(ngram, config.symbols)

    def hear(
        self,
        audio: np.ndarray,
        rate: int,
        beam: BeamConfig | Literal["own"] | None = "own",
        curve: np.ndarray | None = None,
    ) -> PhoneSegments:
        """Finds the symbols of a recording and their times, silence among them.

        Connectionist temporal classification says which symbols there are; their times come from aligning these with
        the frame head. A recording of more than a minute is cut at its quietest places.

        Args:
          audio: [T] float amplitudes.
          rate: Hz, of the audio.
          beam: settings of the prefix beam search, with the ear's n-gram if it has one; "own" for those of the ear;
            None for greedy decoding.
          curve: [M] dB that are added to the features, as `ear.matching.find_match` finds it; None for none.

        Returns:
          The segments, in seconds of the recording.
        """
        beam = self.beam if beam == "own" else beam
        pieces = []
        samples, duration = self._resample(audio, rate)
        for first, log_probs in self._pieces(samples, curve):
            string = (
                decode_greedy(log_probs.ctc)[0]
                if beam is None
                else decode_beam(log_probs.ctc, self.automaton, beam)[0]
            )
            pieces.append(self.segments_of(log_probs, string).shift(first * self.config.seconds_per_step))
        return _limit(join_segments(pieces), duration)

    def align(
        self, audio: np.ndarray, rate: int, symbols: Sequence[str], curve: np.ndarray | None = None
    ) -> PhoneSegments:
        """Finds the times of symbols that are known to be in a recording, in this order.

        Args:
          audio: [T] float amplitudes.
          rate: Hz, of the audio.
          symbols: [N] in order. Silence among them says where a pause may stand, between words for example; one may
            always stand at the start and at the end.
          curve: as of `hear`.

        Returns:
          The segments, in seconds of the recording, with the pauses that there are.

        Raises:
          BabbleError: a symbol that the ear does not know, none but silence, more than there are steps of the
            recording, or a recording that is too long to be aligned at once.
        """
        unknown = sorted({*symbols} - {*self.config.symbols})
        if unknown:
            raise BabbleError(
                f"the ear does not know {', '.join(map(repr, unknown[:5]))}; "
                f"its symbols are {' '.join(self.config.symbols)}."
            )
        string = np.array([self.config.symbols.index(symbol) for symbol in symbols], np.int64)
        samples, duration = self._resample(audio, rate)
        log_probs = self.log_probs(samples, self.config.sample_rate, curve)
        spoken = int((string != self.config.silence_id).sum()) if len(string) else 0
        if not 1 <= spoken <= len(log_probs.ctc):
            raise BabbleError(
                f"{spoken} symbols are to be aligned with {duration:.2f} s of sound; "
                f"give from 1 to {len(log_probs.ctc)}."
            )
        if len(log_probs.ctc) * (2 * spoken + 1) > _LARGEST_TABLE:
            raise BabbleError(
                f"{duration:.0f} s of sound with {spoken} symbols are too long to be aligned at once; "
                "cut them at pauses."
            )
        return _limit(self.segments_of(log_probs, string), duration)

    def log_probs(self, audio: np.ndarray, rate: int, curve: np.ndarray | None = None) -> LogProbs:
        """Computes the log-probabilities of the steps of a recording.

        Args:
          audio: [T] float amplitudes.
          rate: Hz, of the audio.
          curve: as of `hear`.

        Returns:
          S steps; `config.step_edges(S)` gives their times.
        """
        pieces = [log_probs for _, log_probs in self._pieces(self._resample(audio, rate)[0], curve)]
        frames = [piece.frames for piece in pieces if piece.frames is not None]
        return LogProbs(
            np.concatenate([piece.ctc for piece in pieces]), np.concatenate(frames) if frames else None
        )

    def segments_of(self, log_probs: LogProbs, string: np.ndarray) -> PhoneSegments:
        """Aligns a string with steps.

        Args:
          log_probs: of S steps.
          string: [N] int, positions of symbols; where silence is among them a pause may stand, and at start and end.

        Returns:
          The segments in seconds after the first step, with the pauses that there are.
        """
        config, silence = self.config, self.config.silence_id
        edges = config.step_edges(len(log_probs.ctc))
        emissions = log_probs.frames if log_probs.frames is not None else _without_blank(log_probs.ctc)
        if silence is None:
            symbols, pauses = string, np.zeros(len(string) + 1, bool)
        else:
            spoken = string != silence
            symbols, pauses = string[spoken], np.zeros(int(spoken.sum()) + 1, bool)
            pauses[np.concatenate([[0, -1], np.cumsum(spoken)[~spoken]]).astype(int)] = True
        if len(symbols):
            starts, ends = align(emissions, symbols, silence, pauses)
        else:
            starts = ends = np.zeros(0, np.int64)
        # every stretch between two symbols is a pause
        runs = sorted(zip(starts, ends, symbols, strict=True))
        bounds = [0, *(end for _, end, _ in runs)], [*(start for start, _, _ in runs), len(emissions)]
        if silence is not None:
            runs += [(a, b, silence) for a, b in zip(*bounds, strict=True) if b > a]
        runs.sort()
        probabilities = [np.exp(emissions[a:b, symbol]).mean() for a, b, symbol in runs]
        return PhoneSegments(
            tuple(config.symbols[symbol] for _, _, symbol in runs),
            edges[np.array([a for a, _, _ in runs], int)],
            edges[np.array([b for _, b, _ in runs], int)],
            np.array(probabilities, np.float64),
        )

    def _resample(self, audio: np.ndarray, rate: int) -> tuple[np.ndarray, float]:
        """Returns audio at the ear's rate, and its duration in seconds."""
        audio = np.asarray(audio, np.float32)
        if audio.ndim != 1 or not len(audio):
            raise BabbleError("an ear hears one channel of at least one sample; give an array [T].")
        return resample(audio, rate, self.config.sample_rate), len(audio) / rate

    def _pieces(self, audio: np.ndarray, curve: np.ndarray | None) -> Iterator[tuple[int, LogProbs]]:
        """Yields the first step of each piece of a recording, and its log-probabilities."""
        samples = self.config.stride * round(self.config.hop * self.config.sample_rate)
        cuts = cut_at_quiet(audio, samples)
        for first, stop in zip(cuts, [*cuts[1:], None], strict=True):
            piece = audio[first * samples : None if stop is None else stop * samples]
            values = features(piece, self.config)
            log_probs = run(self.config, self.params, values if curve is None else values + curve)
            if stop is not None:  # the frame at the end of a piece is the first of the next
                rows = slice(stop - first)
                log_probs = LogProbs(
                    log_probs.ctc[rows], None if log_probs.frames is None else log_probs.frames[rows]
                )
            yield first, log_probs


def _limit(segments: PhoneSegments, duration: float) -> PhoneSegments:
    """Ends segments at the end of the recording; the last step may go on beyond it."""
    return PhoneSegments(
        segments.symbols,
        np.minimum(segments.onset, duration),
        np.minimum(segments.end, duration),
        segments.confidence,
    )


def _without_blank(ctc: np.ndarray) -> np.ndarray:
    """Computes the log-probabilities [S, P] of the symbols where it is not the blank, from [S, P + 1]."""
    best = ctc[:, 1:].max(1, keepdims=True)
    return ctc[:, 1:] - best - np.log(np.exp(ctc[:, 1:] - best).sum(1, keepdims=True))


def _to_numpy(tree: Any) -> Any:
    if isinstance(tree, Mapping):
        return {name: _to_numpy(value) for name, value in tree.items()}
    return np.ascontiguousarray(tree, np.float32)
