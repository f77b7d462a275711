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
from babble_jax.judge.judgement import MEASURES, judge
from babble_jax.judge.reference import Reference, load_reference, measure_reference
from babble_jax.judge.spectrum import long_term_spectrum, spectrum_distance
from babble_jax.pretrained.pretrained import PretrainedVoice, load_voice
from babble_jax.pretrained.speaking import speak_streams
from babble_jax.train.config import MOST_STEPS, LogConfig, OptimizerConfig
from babble_jax.train.ending import BEST, Budget
from babble_jax.train.tasks.voice.adaptation.adapting import (
    LEARNING_RATE,
    AdaptReport,
    adapt_voice,
    adaptation_task,
)
from babble_jax.train.tasks.voice.task import VoiceTask
from babble_jax.train.trainer import train

SAMPLES, SECONDS = 32, 10.0  # of babble that are judged
_REFERENCE_SECONDS = 300.0  # of recordings that are neither trained on nor looked at


@dataclasses.dataclass(frozen=True)
class AdaptationExperiment:
    """Adapts a voice to so many minutes of recordings, for so many minutes of updates, and judges what it says.

    Beside it a voice of the same model is trained from scratch on the same recordings for as long.

    Attributes:
      source: recipe of `babble_jax.dataset.recipes` of a speaker whom the voice has not heard.
      voice: that is adapted.
      references: that ship, of other speakers, to which babble may be nearer.
      recorded: minutes of recordings.
      minutes: of updates, rising: each goes on with the one before.
      from_scratch: learning rate of the training from scratch.
    """

    source: str
    voice: str
    references: tuple[str, ...]
    recorded: tuple[float, ...]
    minutes: tuple[float, ...]
    from_scratch: float

    def run(self, work: Path, results: Path) -> dict[str, Any]:
        """Adapts, trains and judges; what is interrupted goes on.

        Args:
          work: folder of the recordings and the trainings.
          results: unused.

        Returns:
          `rows`: of each voice the minutes, bits per sample of held-out recordings, the share of samples within the
          range of its speaker's speech for each measure, and the share that is nearer to that than to any other's.
        """
        del results
        own = self._own_reference(work)
        others = [load_reference(name) for name in self.references]
        rows: list[dict[str, Any]] = []
        for recorded in self.recorded:
            place = work / f"{recorded:g}"
            for minutes in self.minutes:
                out = place / f"adapted-{minutes:g}"
                shutil.rmtree(out, ignore_errors=True)  # of an earlier start; the training is kept beside it
                report = adapt_voice(
                    place / "recordings",
                    out,
                    voice=self.voice,
                    minutes=minutes,
                    speaker=self.source,
                    workdir=place / "adaptation",
                    consent="recordings under a free licence; for this measurement alone",
                )
                scratch, bits, step = self._train_from_scratch(report, place / "scratch", minutes)
                common = {"recorded_minutes": recorded, "minutes": minutes}
                rows += [
                    {
                        "kind": "adapted",
                        **common,
                        "bits": report.bits,
                        "bits_before": report.nearest_bits,
                        "step": report.step,
                        **judge_voice(load_voice(report.voice), own, others),
                    },
                    {
                        "kind": "from scratch",
                        **common,
                        "bits": bits,
                        "step": step,
                        **judge_voice(scratch, own, others),
                    },
                ]
        return {"speaker": self.source, "reference_pieces": own.pieces, "rows": rows}

    def _own_reference(self, work: Path) -> Reference:
        """Lays out the recordings: so many minutes for each adaptation, and others that are the reference."""
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
        audio = np.concatenate([wave.read(path, rate)[0] for path in order[:first]])
        return measure_reference(audio, rate, self.source)

    def _train_from_scratch(
        self, report: AdaptReport, place: Path, minutes: float
    ) -> tuple[PretrainedVoice, float, int]:
        """Trains a voice of the same model from new parameters.

        Args:
          report: of the adaptation, whose recordings are taken.
          place: folder of the run.
          minutes: of updates, those of earlier calls included.

        Returns:
          The voice, its bits per sample of held-out recordings, and its updates.
        """
        task = adaptation_task(load_voice(self.voice), report.recordings, place, LEARNING_RATE, seed=0)
        optimizer = OptimizerConfig(learning_rate=self.from_scratch, warmup_steps=200)
        config = dataclasses.replace(task.config, init_from=None, optimizer=optimizer)
        log = LogConfig(every=20, evaluate_recordings=16, save_every=200, keep=1, audio_seconds=0)
        train(VoiceTask(config, task.properties), place, MOST_STEPS, log, Budget(60 * minutes))
        best = load_voice(place / BEST)
        return best, float(best.card["validation_bits"]), int(best.card["steps"])


def judge_voice(voice: PretrainedVoice, own: Reference, others: list[Reference]) -> dict[str, Any]:
    """Judges samples of the first speaker of a voice.

    Args:
      voice: the voice.
      own: speech of its speaker.
      others: speech of other speakers.

    Returns:
      `share_within`: of N samples, by measure; `nearest_share`: of those whose long-term spectrum is nearer to that of
      `own` than to any of `others`.
    """
    audio, rate = speak_streams(voice, SECONDS, SAMPLES, seed=7), voice.config.sample_rate
    spectra = [np.array(one.spectrum, float) for one in (own, *others)]
    judged = [judge(one, rate, spectra[0]) for one in audio]
    distances = np.array(
        [[spectrum_distance(long_term_spectrum(one, rate), other) for other in spectra] for one in audio]
    )
    return {
        "share_within": {
            name: float(np.mean([own.within(name, getattr(one, name)) for one in judged]))
            for name in MEASURES
        },
        "nearest_share": float(np.mean(distances.argmin(axis=1) == 0)),
    }
