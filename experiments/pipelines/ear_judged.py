"""The kind of experiment that lets an ear judge held-out speech, voices, and noise.

Axes: T samples, P pieces of 10 s.
"""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from tyro.conf import arg

from babble_jax.audio import wave
from babble_jax.errors import BabbleError
from babble_jax.judge import reference
from babble_jax.judge.phone_reference import judge_phones, measure_phone_reference, silences_of
from babble_jax.judge.phones import PHONE_MEASURES, PhoneMeasures, PhoneText
from babble_jax.presets import registry
from babble_jax.pretrained.ear import load_ear
from babble_jax.pretrained.ear_text import load_text
from babble_jax.pretrained.speaking import speak_streams
from babble_jax.pretrained.voices import load_any_voice, speakers_of
from babble_jax.progress import Progress
from experiments.pipelines.ear import read_splits

HELD_OUT = ("validation", "test")
CHANCES = ("phone_entropy_chance", "bigram_entropy_chance", "longest_run_chance", "longest_run_high")


@dataclasses.dataclass(frozen=True)
class EarJudgedExperiment:
    """Lets an ear hear held-out speech, samples of voices and noise; gives the reference of the speech its ranges.

    Attributes:
      ear: name of an ear that ships, or folder of one; of one that ships the reference in the package is written.
      voices: names or folders of voices, all of whose speakers are heard. Which they are is no value of the
        experiment.
      sounds: number of each speaker, of 10 s.
      reference: name of the reference that gets the ranges.
      folder: Recordings with phone labels that the ear was trained on, of which those held out are heard. Where they
        lie is no value of the experiment.
      seed: Random seed of the voices.
    """

    ear: str
    voices: tuple[str, ...] = dataclasses.field(default=("babblers",), compare=False)
    sounds: int = 12
    reference: str = "festvox-ru"
    folder: Annotated[str, arg(name="from")] = dataclasses.field(default="", compare=False)
    seed: int = 0

    def run(self, work: Path, results: Path) -> dict[str, Any]:
        """Hears all of it.

        Args:
          work: unused.
          results: unused.

        Returns:
          Quantiles of each measure, by what was heard.
        """
        del work, results
        ear = load_ear(self.ear)
        strings = load_text(self.ear, ear.config)
        text = None if strings is None else PhoneText(strings, silences_of(ear.config))
        splits = read_splits(Path(self.folder))
        rate = ear.config.sample_rate
        audio = np.concatenate([wave.read(one.path, rate)[0] for name in HELD_OUT for one in splits[name]])
        pieces = reference.cut_pieces(audio, rate)
        if self.ear in registry.names("ears"):
            with Progress(
                "measuring the reference", len(pieces) + min(len(pieces), 10), "pieces"
            ) as progress:
                phones = measure_phone_reference(audio, rate, ear, self.ear, text, progress.update)
            shipped = reference.load_reference(self.reference)
            reference.save_reference(
                dataclasses.replace(shipped, phones=phones),
                registry.path("references", self.reference),
            )
        sounds = {"speech": (pieces[: 4 * self.sounds], rate), "noise": (reference.make_noise(pieces), rate)}
        for name in self.voices:
            voice = load_any_voice(name)
            for speaker in speakers_of(voice) or (None,):
                babble = speak_streams(
                    voice, reference.PIECE_SECONDS, self.sounds, speaker=speaker, seed=self.seed
                )
                label = f"voice {Path(name).name}" + ("" if speaker is None else f", {speaker}")
                if label in sounds:
                    raise BabbleError(
                        f"{name}: another voice has this name; give the folders different names."
                    )
                sounds[label] = (babble, voice.config.sample_rate)
        measures = {}
        with Progress("hearing", sum(len(x) for x, _ in sounds.values()), "sounds") as progress:
            for name, (sound, own_rate) in sounds.items():
                rows = []
                for one in sound:
                    rows.append(judge_phones(one, own_rate, ear, text))
                    progress.update()
                measures[name] = {"sounds": len(rows), **summarize(rows)}
        return {"ear": self.ear, "card": ear.card, "measures": measures}


def summarize(measures: Sequence[PhoneMeasures]) -> dict[str, list[float] | None]:
    """Computes the 5th percentile, median and 95th percentile of each measure; None for one that no sound has."""
    summary = {}
    for name in (*PHONE_MEASURES, *CHANCES):
        values = [value for one in measures if (value := getattr(one, name)) is not None]
        summary[name] = np.quantile(values, (reference.LOW, 0.5, reference.HIGH)).tolist() if values else None
    return summary
