"""A voice: its configuration, the parameters of its sample model, and its models of acoustic units."""

import dataclasses

from babble_jax.errors import BabbleError
from babble_jax.presets import registry
from babble_jax.voice.conditioning.prosody_response import LINEAR, ProsodyResponse
from babble_jax.voice.conditioning.unit_models import UnitModels
from babble_jax.voice.config import VoiceConfig
from babble_jax.voice.contract import Params
from babble_jax.voice.distributions.contract import Sampling


@dataclasses.dataclass(frozen=True, eq=False)
class Voice:
    """A voice, ready to speak.

    Attributes:
      config: sample model, meaning of its samples, conditioning.
      params: parameters of the sample model, as `contract.SampleModel.init` makes them.
      name: name in messages and manifests.
      unit_models: codebook of acoustic units and their language models; None for a voice without units.
    """

    config: VoiceConfig
    params: Params
    name: str = ""
    unit_models: UnitModels | None = None

    @property
    def temperature(self) -> float:
        """Default temperature of the samples: 1, the distribution of the model."""
        return 1.0

    def sampling(self, temperature: float | None = None, top_k: int = 0) -> Sampling:
        """Makes sampling settings; the temperature is the voice's own where it is None."""
        return Sampling(self.temperature if temperature is None else temperature, top_k)

    def prosody_response(self, speaker: int) -> ProsodyResponse:
        """Returns how the sound of a speaker, by its index, follows what it is conditioned on; in full if not known."""
        del speaker
        return LINEAR

    def index_of(self, speaker: str | None) -> int | None:
        """Returns the index of a speaker, 0 where `speaker` is None; None for a voice without speakers.

        Raises:
          BabbleError: the voice has no such speaker.
        """
        speakers = self.config.speakers
        if speaker is None:
            return 0 if speakers else None
        if speaker not in speakers:
            names = ", ".join(speakers) or "none"
            remedy = ("give one of them" if speakers else "give no speaker") + registry.suggest_voice(speaker)
            raise BabbleError(f"The voice {self.name} has the speakers: {names}; not {speaker}: {remedy}.")
        return speakers.index(speaker)
