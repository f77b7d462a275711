"""The kind of experiment that adapts a voice to minutes of a speaker it has not heard, and trains one from scratch too.

Axes: N samples of babble, T samples of a recording.
"""

import dataclasses
import shutil
from pathlib import Path
from typing import Any

import numpy as np

from babble_jax.audio import sound_file, wave
from babble_jax.dataset.recipes import fetch_recipe
from babble_jax.input_files import is_file
from babble_jax.judge.judgement import MEASURES, judge
from babble_jax.judge.reference import Reference, load_reference, measure_reference
from babble_jax.judge.spectrum import long_term_spectrum, spectrum_distance
from babble_jax.pretrained.pretrained import PretrainedVoice, load_voice, save_voice
from babble_jax.pretrained.speaking import speak_streams
from babble_jax.train.config import MOST_STEPS, LogConfig, OptimizerConfig
from babble_jax.train.ending import BEST, Budget
from babble_jax.train.tasks.voice.adaptation.adapting import LEARNING_RATE, adapt_voice, adaptation_task
from babble_jax.train.tasks.voice.adaptation.recordings import prepare_recordings
from babble_jax.train.tasks.voice.presets import BABBLERS_PRESET
from babble_jax.train.tasks.voice.task import VoiceTask
from babble_jax.train.trainer import train

SAMPLES, SECONDS = 32, 10.0  # of babble that are judged
_REFERENCE_SECONDS = 300.0  # of recordings that are neither trained on nor looked at


@dataclasses.dataclass(frozen=True)
class AdaptationExperiment:
    """Adapts a voice to so many minutes of recordings, for so many minutes of updates, and judges what it says.

    Beside it voices of the same model are trained from scratch on the same recordings for as long.

    Attributes:
      source: recipe of `babble_jax.dataset.recipes` of a speaker whom the voice has not heard.
      voice: that is adapted.
      references: that ship, of other speakers, to which babble may be nearer.
      recorded: minutes of recordings.
      minutes: of updates, rising: each goes on with the one before.
      scratch: minutes of recordings, of `recorded`, from which a voice is trained from scratch, too.
      scratch_minutes: of updates of that voice, likewise.
      learning_rate: of the training from scratch.
    """

    source: str
    voice: str
    references: tuple[str, ...]
    recorded: tuple[float, ...]
    minutes: tuple[float, ...]
    scratch: tuple[float, ...]
    scratch_minutes: tuple[float, ...]
    learning_rate: float

    def run(self, work: Path, results: Path) -> dict[str, Any]:
        """Adapts, trains and judges; what is done is not done again, and what is interrupted goes on.

        Args:
          work: folder of the recordings and the trainings.
          results: unused.

        Returns:
          `rows`: of each voice the minutes, bits per sample of held-out recordings, the share of samples within the
          range of its speaker's speech for each measure, and the share that is nearer to that than to any other's.
          Those of 0 minutes are of the voice before any update.
        """
        del results
        own = self._own_reference(work)
        others = [load_reference(name) for name in self.references]
        rows: list[dict[str, Any]] = []
        for recorded in self.recorded:
            place = work / f"{recorded:g}"
            voices = [("adapted", minutes, self._adapt(place, minutes)) for minutes in self.minutes]
            voices.insert(0, ("adapted", 0.0, _before_updates(place / "adaptation" / "start")))
            if recorded in self.scratch:
                voices += [
                    ("from scratch", minutes, self._scratch(place, minutes))
                    for minutes in self.scratch_minutes
                ]
            rows += [
                {
                    "kind": kind,
                    "recorded_minutes": recorded,
                    "minutes": minutes,
                    "bits": float(voice.card["validation_bits"]),
                    "step": int(voice.card["steps"]),
                    **judge_voice(voice, own, others),
                }
                for kind, minutes, voice in voices
            ]
        return {
            "speaker": self.source,
            "reference_pieces": own.pieces,
            "bounds": {name: _finite(own.bounds(name)) for name in own.speech},
            "rows": rows,
        }

    def _adapt(self, place: Path, minutes: float) -> PretrainedVoice:
        """Adapts the voice for so many minutes, those of earlier calls included.

        Args:
          place: folder of the recordings and of the adaptation.
          minutes: of updates.
        """
        out = place / f"adapted-{minutes:g}"
        if not is_file(out / "voice.json"):
            adapt_voice(
                place / "recordings",
                out,
                voice=self.voice,
                minutes=minutes,
                speaker=self.source,
                workdir=place / "adaptation",
                consent="recordings under a free licence; for this measurement alone",
            )
        return load_voice(out)

    def _scratch(self, place: Path, minutes: float) -> PretrainedVoice:
        """Trains a voice of the same model from new parameters, on the recordings of the adaptation.

        Args:
          place: folder of the recordings and of the adaptation.
          minutes: of updates, those of earlier calls included.
        """
        out, base = place / f"scratch-{minutes:g}", load_voice(self.voice)
        if not is_file(out / "voice.json"):
            own = prepare_recordings([place / "recordings"], base, self.source, place / "adaptation")
            task = adaptation_task(base, own, place / "adaptation", LEARNING_RATE, seed=0)
            optimizer = OptimizerConfig(learning_rate=self.learning_rate, warmup_steps=200)
            config = dataclasses.replace(task.config, init_from=None, optimizer=optimizer)
            log = LogConfig(every=20, evaluate_recordings=16, save_every=200, keep=1, audio_seconds=0)
            run = place / "scratch"
            train(VoiceTask(config, task.properties), run, MOST_STEPS, log, Budget(60 * minutes))
            save_voice(load_voice(run / BEST), out)
        return load_voice(out)

    def _own_reference(self, work: Path) -> Reference:
        """Lays out the recordings: so many minutes for each adaptation, and others that are the reference.

        Those have as much silence around them as the recordings that a voice is trained on.
        """
        folder = work / self.source
        if not folder.is_dir():
            fetch_recipe(self.source, work)
        paths = sorted(folder.glob("*.wav"))
        order = [paths[i] for i in np.random.default_rng(0).permutation(len(paths))]
        ends = np.cumsum([sound_file.header_seconds(path) for path in order])
        first = int(np.searchsorted(ends, _REFERENCE_SECONDS))
        for recorded in self.recorded:
            stop = int(np.searchsorted(ends, ends[first - 1] + 60 * recorded)) + 1
            target = work / f"{recorded:g}" / "recordings"
            target.mkdir(parents=True, exist_ok=True)
            for path in order[first:stop]:
                shutil.copyfile(path, target / path.name)
        rate = wave.read(order[0])[1]
        silence = round(BABBLERS_PRESET.pad * rate)
        audio = np.concatenate([np.pad(wave.read(path, rate)[0], silence) for path in order[:first]])
        return measure_reference(audio, rate, self.source)


def _before_updates(folder: Path) -> PretrainedVoice:
    """Loads the voice before any update, with what an adapted one says of itself on its card."""
    voice = load_voice(folder)
    scores = {"validation_bits": min(voice.card["nearest_bits"].values()), "steps": 0}
    return dataclasses.replace(voice, card={**voice.card, **scores})


def _finite(bounds: tuple[float, float]) -> list[float | None]:
    """Replaces bounds that are infinite by None, which JSON has."""
    return [value if np.isfinite(value) else None for value in bounds]


def judge_voice(voice: PretrainedVoice, own: Reference, others: list[Reference]) -> dict[str, Any]:
    """Judges samples of the first speaker of a voice.

    Args:
      voice: the voice.
      own: speech of its speaker.
      others: speech of other speakers.

    Returns:
      `median`: of N samples, by measure; `share_within`: of the samples; `nearest_share`: of those whose long-term
      spectrum is nearer to that of `own` than to any of `others`.
    """
    audio, rate = speak_streams(voice, SECONDS, SAMPLES, seed=7), voice.config.sample_rate
    spectra = [np.array(one.spectrum, float) for one in (own, *others)]
    judged = [judge(one, rate, spectra[0]) for one in audio]
    distances = np.array(
        [[spectrum_distance(long_term_spectrum(one, rate), other) for other in spectra] for one in audio]
    )
    values = {name: [getattr(one, name) for one in judged] for name in MEASURES}
    present = {name: [value for value in row if value is not None] for name, row in values.items()}
    return {
        "median": {name: float(np.median(row)) for name, row in present.items() if row},
        "share_within": {
            name: float(np.mean([own.within(name, value) for value in row])) for name, row in values.items()
        },
        "nearest_share": float(np.mean(distances.argmin(axis=1) == 0)),
    }
