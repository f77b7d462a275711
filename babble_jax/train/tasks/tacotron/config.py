"""The configuration of the training of Tacotron and Tacotron 2."""

import dataclasses
from typing import Literal

from tyro.conf import Suppress

from babble_jax.audio.mel_spectrogram import MelConfig
from babble_jax.tacotron.config import PROSODY, TWO_CORES, InputConfig, SynthesisConfig, SynthesisModel
from babble_jax.train.config import OptimizerConfig
from babble_jax.train.tasks.labelled.config import LabelledTrainConfig, check_highest


@dataclasses.dataclass(frozen=True, kw_only=True)
class TacotronTrainConfig(LabelledTrainConfig):
    """Values by which Tacotron or Tacotron 2 is trained. The defaults are for hours on two cores.

    `babble train --task tacotron` has an option for each of these fields.

    Attributes:
      kind: Kind of the task.
      symbols: What is to be spoken: phones, from labels, or graphemes, from transcripts; auto for phones where there
        are labels.
      model: Shape of the model.
      mel: Settings of the mel spectrogram. The hop of the default divides the 20 ms frames of a live session.
      by_speaker: Condition on the speaker: the folder within RECORDINGS that a recording lies in.
      by_language: Condition on the language: the first folder within RECORDINGS that a recording lies in; the speaker's
        folder is then within it.
      by_prosody: Condition on the duration, pitch and level of each phone. Needs labels with times.
      prosody_dropout: Share of the utterances of which nothing is told of the prosody, and of the others of which one
        channel is not told, so that the model also speaks without.
      frame_dropout: Share of the frames that the decoder sees as the mean in place of the true last frame (arXiv
        1909.01145), so that it learns to read the phones rather than to go on from the frame before.
      blind: Share of the utterances of which the decoder sees no frame at all, so that phones alone have to do; 0.5
        with labels with times.
      guide: What leads the attention: labels, where they have times, or the diagonal (guided attention, arXiv
        1710.08969); auto for labels where there are times, else the diagonal.
      guide_weight: Weight of that beside the loss of the frames.
      guide_steps: Updates after which the guidance ends, falling to 0 over their second half; 0 to lead on to the end.
      forced_steps: Updates over which the alignment of the labels (when each phone begins and ends) takes the place of
        the attention, at first in all utterances and then in ever fewer, so that the decoder learns from the start what
        each phone sounds like. Needs labels with times.
      forced: Share of the utterances in which that alignment takes the place of the attention all along, to the end of
        the run. An attention that is early or late by a step teaches the decoder to blur what changes from phone to
        phone; 0.9 makes it sharper. Needs labels with times.
      error: How frames are compared: l1 as in Tacotron, l2 as in Tacotron 2, or both.
      stop_weight: Weight of a last step beside the others of an utterance, in learning where it ends.
      piece: Longest piece of a recording, in seconds, of which batches are made; recordings are cut in silences, where
        labels say when those are. Without times, longer recordings are left out.

    Examples:
      >>> TacotronTrainConfig(recordings="speech", batch_size=8).piece
      6.0
    """

    kind: Suppress[Literal["tacotron"]] = "tacotron"
    model: SynthesisModel = TWO_CORES
    mel: MelConfig = MelConfig()
    by_speaker: bool = False
    by_language: bool = False
    by_prosody: bool = False
    prosody_dropout: float = 0.2
    frame_dropout: float = 0.2
    blind: float = 0.0
    guide: Literal["auto", "labels", "diagonal", "none"] = "auto"
    guide_weight: float = 0.2
    guide_steps: int = 0
    forced_steps: int = 0
    forced: float = 0.0
    error: Literal["l1", "l2", "both"] = "both"
    stop_weight: float = 5.0
    piece: float = 6.0
    optimizer: OptimizerConfig = OptimizerConfig(learning_rate=1e-3, warmup_steps=200, decay_steps=8000)
    batch_size: int = 16

    def __post_init__(self):
        super().__post_init__()
        shares = {"prosody_dropout": 1.0, "frame_dropout": 0.9, "blind": 0.9, "forced": 1.0}
        check_highest(self, shares | {"guide_weight": 1e3, "stop_weight": 1e3})
        if self.guide_steps < 0:
            raise ValueError(f"guide_steps is {self.guide_steps}; it must not be negative")
        if self.forced_steps < 0:
            raise ValueError(f"forced_steps is {self.forced_steps}; it must not be negative")
        if not 1 <= self.piece <= 60:
            raise ValueError(f"piece is {self.piece}; choose from 1 to 60 seconds")

    def synthesis(
        self, symbols: tuple[str, ...], speakers: tuple[str, ...] = (), languages: tuple[str, ...] = ()
    ) -> SynthesisConfig:
        """Makes the config of the model that is trained.

        Args:
          symbols: that it is to speak.
          speakers: names, for a model that is told the speaker.
          languages: names, for a model that is told the language.
        """
        prosody = PROSODY if self.by_prosody else ()
        return SynthesisConfig(InputConfig(symbols, prosody, speakers, languages), self.model, self.mel)
