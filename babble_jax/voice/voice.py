"""A voice: a configuration, the parameters of its sample model, and the units that it is conditioned on."""

import dataclasses

from babble_jax.errors import BabbleError
from babble_jax.voice.conditioning.units import Units
from babble_jax.voice.config import VoiceConfig
from babble_jax.voice.contract import Params
from babble_jax.voice.sampling.ancestral import Sampling


@dataclasses.dataclass(frozen=True, eq=False)
class Voice:
    """A voice, ready to speak.

    Attributes:
      config: sample model and the meaning of its samples.
      params: as `contract.SampleModel.init` gives them.
      name: what messages and manifests call it.
      units: its codebook of acoustic units and their language models; None for a voice that takes no units.
    """

    config: VoiceConfig
    params: Params
    name: str = ""
    units: Units | None = None

    @property
    def temperature(self) -> float:
        """Of the samples where none is asked for: 1, the distribution that the model has learned."""
        return 1.0

    def sampling(self, temperature: float | None = None, top_k: int = 0) -> Sampling:
        """How its samples are drawn; at its own temperature where none is given."""
        return Sampling(self.temperature if temperature is None else temperature, top_k)

    def index_of(self, speaker: str | None) -> int | None:
        """Number of a speaker, the first one's for None; None for a voice that has none.

        Raises:
          BabbleError: it has no such speaker.
        """
        speakers = self.config.speakers
        if speaker is None:
            return 0 if speakers else None
        if speaker not in speakers:
            known, remedy = (
                ", ".join(speakers) or "none",
                "give one of them" if speakers else "give no speaker",
            )
            raise BabbleError(f"The voice {self.name} has the speakers: {known}; not {speaker}: {remedy}.")
        return speakers.index(speaker)
