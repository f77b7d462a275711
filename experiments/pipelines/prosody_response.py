"""The kind of experiment that measures how far a voice follows what it is conditioned on, and writes it on its card."""

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np

from babble_jax.presets import registry
from babble_jax.pretrained.tacotron_voice import TacotronVoice
from babble_jax.pretrained.voices import LoadedVoice, load_any_voice, save_any_card, speakers_of
from babble_jax.voice.conditioning.prosody_final import MOVEMENTS
from babble_jax.voice.conditioning.prosody_response import KEY, LINEAR, ProsodyResponse, is_usable
from experiments.pipelines.prosody import FINAL, MEASURES, list_settings, tabulate
from experiments.pipelines.prosody_speaking import UNNAMED, Rows, Utterances, measure_settings
from experiments.pipelines.voice_digest import digest_voice

SETTINGS: dict[str, tuple[float, ...]] = {
    "pitch": (-6.0, 6.0),
    "pitch_range": (0.0, 2.0),
    "rate": (0.5, 2.0),
}
"""Values that a voice is conditioned on, beside the neutral one: about where it is when the response is made up for."""
STEEPER = 1.5
"""Semitones of the final movements that a voice is conditioned on, for each that is asked for; for the same reason."""
_DIGITS = 3


@dataclasses.dataclass(frozen=True)
class ResponseExperiment:
    """Conditions each speaker of a voice that ships on several values, and measures how far its sound follows.

    The `ProsodyResponse` of each speaker goes on the card of the voice, less what it hardly follows; one that is there
    already counts for nothing.
    To be run again when the voice is released anew.

    Attributes:
      voice: name of a voice with units, or of one that speaks phones, that ships.
      controls: what it is conditioned on, of `SETTINGS` and "final".
      utterances: of each speaker in each setting.
      seconds: length of an utterance, see `Utterances`.
      seed: of the utterances.
    """

    voice: str
    controls: tuple[str, ...] = (*SETTINGS, FINAL)
    utterances: int = 20
    seconds: float = 2.5
    seed: int = 21

    def run(self, work: Path, results: Path) -> dict[str, Any]:
        """Measures, and writes the card.

        Args:
          work: for a folder of the measures of each setting of this voice.
          results: unused.
        """
        del results
        voice = load_any_voice(self.voice)
        settings = {name: SETTINGS[name] for name in self.controls if name != FINAL}
        plans = list_settings(settings, FINAL in self.controls)
        steeper = dataclasses.replace(LINEAR, final=1 / STEEPER)
        without = respond(voice, {name: steeper for name in speakers_of(voice) or (UNNAMED,)})
        utterances = Utterances(self.utterances, self.seconds, self.seed)
        measured = measure_settings(without, plans, utterances, work / digest_voice(self.voice))
        speakers = {name: fit_response(rows, self.controls) for name, rows in measured.items()}
        responses = {name: use_response(one["response"]) for name, one in speakers.items()}
        save_any_card(respond(voice, responses), registry.path("voices", self.voice))
        return {
            "utterances": self.utterances,
            "seconds": self.seconds,
            "seed": self.seed,
            "speakers": speakers,
        }


def fit_response(rows: dict[str, Rows], controls: tuple[str, ...]) -> dict[str, Any]:
    """Fits the response of a speaker to what was measured of it.

    Args:
      rows: measures of each utterance, by setting.
      controls: what it was conditioned on.

    Returns:
      `controls`, what it was conditioned on and the means that were measured; `response`, the fields of a
      `ProsodyResponse` that were measured.
    """
    points: dict[str, Any] = {}
    response: dict[str, float] = {}
    for name in controls:
        if name == FINAL:
            targets = [STEEPER * semitones for semitones in MOVEMENTS.values()]
            means = [float(np.nanmean([row[FINAL] for row in rows[f"{FINAL} {one}"]])) for one in MOVEMENTS]
            slope, response["hold"] = (round(float(one), _DIGITS) for one in np.polyfit(targets, means, 1))
        else:
            line = tabulate(rows, name, SETTINGS[name], MEASURES[name])
            targets, means = line["asked"], line["measured"]
            slope = round(line["slope"], _DIGITS)
        response[name] = slope
        points[name] = {"conditioned": targets, "measured": means}
    return {"controls": points, "response": response}


def use_response(slopes: dict[str, float]) -> ProsodyResponse:
    """Makes the response that is put on a card: what a speaker hardly follows cannot be made up for, and is left out.

    Args:
      slopes: fields of a `ProsodyResponse`, as they were measured.
    """
    usable = {name: value for name, value in slopes.items() if is_usable(name, value)}
    if FINAL not in usable:
        usable.pop("hold", None)
    return ProsodyResponse(**usable)


def respond(voice: LoadedVoice, responses: dict[str, ProsodyResponse]) -> LoadedVoice:
    """Gives a voice the responses of its speakers, by name; of one that speaks phones, in its first language."""
    rows = []
    for speaker, response in responses.items():
        names: dict[str, str | None] = {"speaker": None if speaker == UNNAMED else speaker}
        if isinstance(voice, TacotronVoice):
            names["language"] = voice.choose_language(None)
        values = {name: x for name, x in dataclasses.asdict(response).items() if x != getattr(LINEAR, name)}
        rows.append({**names, **values})
    return dataclasses.replace(voice, card={**voice.card, KEY: rows})
