"""Batches of pieces of about the same length, in a few shapes, as a pure function of their number.

Axes: B streams, N phones, F frames (a multiple of the frames of a step), M mel bands, K bins, C channels of prosody.
"""

from collections.abc import Callable, Iterator, Sequence

import jax
import numpy as np

from babble_jax.audio.mel_spectrogram import LOWEST
from babble_jax.tacotron.config import SynthesisConfig, TacotronConfig
from babble_jax.train.task import Batch
from babble_jax.train.tasks.labelled.passes import group_by_length, length_quantiles, plan_pass
from babble_jax.train.tasks.tacotron.pieces import Piece
from babble_jax.train.tasks.tacotron.sounds import Sounds

SHAPES = 4
"""Different lengths of batches at most, each of which is compiled."""
_FORCED = 1  # of the seeds: numbers that draw the utterances whose alignment is forced


class PieceBatches:
    """Makes the batches of pieces.

    A batch holds `phones` [B, N] int32, `phone_lengths` [B] int32, `frames` [B, F, M] float32, `lengths` [B] int32
    (frames, a multiple of those of a step; 0 for a stream without a piece), `ends` [B, N] float32 (frames at which
    phones end; 0 where not known), `number` [B] int32 of the piece, `guide` [B] float32, weight of what leads the
    attention; in training with `forced`, `forced` [B] float32, 1 where the labels' alignment takes the place of the
    attention, else 0; and, for a model that takes them, `prosody` [B, N, C], `speaker` and `language` [B], and `linear`
    [B, F, K] float32.

    Args:
      pieces: of the split.
      sounds: of their recordings.
      config: of the model.
      batch_size: B, of all processes.
      seed: of the order.
      guide: from the number of a batch to its weight.
      forced: from the number of a batch to the share of its utterances in which the labels' alignment takes the place
        of the attention; None for none.
    """

    def __init__(
        self,
        pieces: Sequence[Piece],
        sounds: Sounds,
        config: SynthesisConfig,
        batch_size: int,
        seed: int = 0,
        guide: Callable[[int], float] = lambda number: 0.0,
        forced: Callable[[int], float] | None = None,
    ):
        self._pieces, self._sounds, self._config = list(pieces), sounds, config
        self._batch_size, self._seed, self._guide, self._forced = batch_size, seed, guide, forced
        self._reduction = config.model.decoder.reduction
        self._lowest = np.float32((LOWEST - config.mel.center) / config.mel.spread)
        self._frames = np.array([piece.frames for piece in pieces], np.int64)
        rounded = -(-self._frames // self._reduction) * self._reduction
        self._limits = np.unique(length_quantiles(rounded, SHAPES))
        counts = np.array([len(piece.phones) for piece in pieces], np.int64)
        self._phones = {int(limit): int(counts[self._frames <= limit].max()) for limit in self._limits}
        self._pass: tuple[int, np.ndarray] | None = None

    @property
    def per_pass(self) -> int:
        """Batches of a pass; the pieces that are left over come in another pass."""
        return max(1, len(self._pieces) // self._batch_size)

    def plan(self, number: int) -> np.ndarray:
        """Returns the numbers of the pieces of a batch, [B]."""
        index, within = divmod(number, self.per_pass)
        if self._pass is None or self._pass[0] != index:
            rng = np.random.default_rng((self._seed, index))
            self._pass = (index, plan_pass(rng, self._frames, self._batch_size))
        return self._pass[1][within]

    def make(self, number: int) -> Batch:
        """Makes a batch of training."""
        forced = None
        if self._forced is not None:
            uniform = np.random.default_rng((self._seed, number, _FORCED)).random(self._batch_size)
            forced = uniform < self._forced(number)
        return self.gather(self.plan(number), self._guide(number), forced)

    def gather(
        self, numbers: Sequence[int] | np.ndarray, guide: float = 0.0, forced: np.ndarray | None = None
    ) -> Batch:
        """Gathers pieces in the streams of this process; those that are left over are empty.

        Args:
          numbers: of the pieces, B at most.
          guide: weight of what leads the attention.
          forced: [B] bool, utterances in which the labels' alignment takes the place of the attention; None for none.
        """
        own = [int(i) for i in numbers]
        limit = int(self._limits[np.searchsorted(self._limits, self._frames[own].max())])
        size, processes = self._batch_size, jax.process_count()
        share = size // processes
        first = share * jax.process_index()
        own = own[first : first + share]
        config, bands = self._config.inputs, self._config.mel.bands
        batch = {
            "phones": np.zeros((share, self._phones[limit]), np.int32),
            "phone_lengths": np.ones(share, np.int32),
            "frames": np.full((share, limit, bands), self._lowest, np.float32),
            "lengths": np.zeros(share, np.int32),
            "ends": np.zeros((share, self._phones[limit]), np.float32),
            "number": np.zeros(share, np.int32),
            "guide": np.full(share, guide, np.float32),
        }
        if forced is not None:
            batch["forced"] = forced[first : first + share].astype(np.float32)
        if config.prosody:
            batch["prosody"] = np.zeros((*batch["phones"].shape, len(config.prosody)), np.float32)
        batch |= {
            name: np.zeros(share, np.int32)
            for name, names in (("speaker", config.speakers), ("language", config.languages))
            if names
        }
        if isinstance(self._config.model, TacotronConfig):
            batch["linear"] = np.full((share, limit, self._config.mel.bins), self._lowest, np.float32)
        for row, i in enumerate(own):
            self._fill(batch, row, i)
        return batch

    def _fill(self, batch: dict[str, np.ndarray], row: int, number: int) -> None:
        """Puts a piece into a stream.

        Args:
          batch: of arrays that are to be filled.
          row: number of the stream.
          number: of the piece.
        """
        piece = self._pieces[number]
        count = len(piece.phones)
        batch["phones"][row, :count] = piece.phones
        batch["phone_lengths"][row] = count
        batch["frames"][row, : piece.frames] = self._sounds.frames(piece)
        batch["lengths"][row] = -(-piece.frames // self._reduction) * self._reduction
        batch["number"][row] = number
        if piece.ends is not None:
            batch["ends"][row, :count] = piece.ends
            batch["ends"][row, count - 1 :] = batch["lengths"][row]
        if piece.prosody is not None and "prosody" in batch:
            batch["prosody"][row, :count] = piece.prosody
        for name, value in (("speaker", piece.speaker), ("language", piece.language)):
            if name in batch:
                batch[name][row] = value
        if "linear" in batch:
            batch["linear"][row, : piece.frames] = self._sounds.linear(piece)

    def evaluation(self) -> "EvaluationBatches":
        """Makes the batches of an evaluation, in which each piece stands once."""
        return EvaluationBatches(self, self._frames, self._batch_size)


class EvaluationBatches:
    """Batches in which each piece stands once, those of the same length together; may be iterated over again.

    Args:
      batches: that gather pieces.
      frames: of each piece.
      size: B.
    """

    def __init__(self, batches: PieceBatches, frames: np.ndarray, size: int):
        self._batches = batches
        self._groups = group_by_length(frames, size)

    def __len__(self) -> int:
        return len(self._groups)

    def __iter__(self) -> Iterator[Batch]:
        return (self._batches.gather(group) for group in self._groups)
