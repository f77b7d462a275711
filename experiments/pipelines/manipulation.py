"""Experiments on manipulated timing, measured from the sound and from the files of annotation."""

import dataclasses
import os
from pathlib import Path
from typing import Any

import numpy as np
import parselmouth
import pympi.Elan
from parselmouth.praat import call

from babble_jax import files
from babble_jax.audio import wave
from babble_jax.conversation.conversation import Conversation
from babble_jax.dataset.building import build_dataset
from babble_jax.demo import SAMPLE_RATE, STEPS, training_config
from babble_jax.dialogue.detection import measure_ipus
from babble_jax.dialogue.duet import perform
from babble_jax.dialogue.plan import manipulate_plan, replay_plan, select_conversation
from babble_jax.dialogue.read_folder import conversation_from_manifest, read_dialogue_folder
from babble_jax.plotting import create_figure, save_png
from babble_jax.presets import registry
from babble_jax.pretrained.babbler import VoiceBabbler
from babble_jax.pretrained.pretrained import load_voice
from babble_jax.stimuli.stimulus_set import make_stimuli
from babble_jax.timing.events import Definitions, floor_transfers, ipus
from babble_jax.timing.manipulation.manipulations import Manipulations
from babble_jax.train.config import LogConfig
from babble_jax.train.training import train_voice
from babble_jax.voice.babbler import make_speaker_pair
from experiments.pipelines.corpora import read_corpus


@dataclasses.dataclass(frozen=True)
class ReplayExperiment:
    """Replays a real conversation's timing with babble, then with every gap shifted, and measures both in the sound.

    Attributes:
      corpus: folder in `BABBLE_CORPORA`.
      conversation: id of the one to replay.
      start: seconds of the recording.
      seconds: of the replay.
      shift: of every gap, seconds.
      spec: of a set of stimuli, its voice left out; made with the same voice.
      seed: of the voice and of the babble.
    """

    corpus: str
    conversation: str
    start: float
    seconds: float
    shift: float
    spec: str
    seed: int = 0

    def run(self, work: Path, results: Path) -> dict[str, Any]:
        """Trains a small voice on the built-in excerpt if there is none in `work`, renders, measures."""
        dataset = work / "dataset"
        if not dataset.exists():
            build_dataset(registry.path("speech", "festvox-ru"), dataset, sample_rate=SAMPLE_RATE)
        log = LogConfig(evaluate_every=0, evaluate_recordings=2, save_every=200, audio_seconds=2)
        voice = train_voice(training_config(dataset, self.seed), work / "training", STEPS, log=log).voice
        babblers = make_speaker_pair(VoiceBabbler(load_voice(voice)))

        plan = replay_plan(
            select_conversation(read_corpus(self.corpus), self.conversation), self.start, self.seconds
        )
        pair = []
        for name, manipulations in (
            ("natural", Manipulations()),
            ("shifted", Manipulations(shift_gaps=self.shift)),
        ):
            report = perform(
                manipulate_plan(plan, manipulations, self.seed),
                babblers,
                self.seed,
                work / name,
                overwrite=True,
            )
            pair.append(report.folder)
        natural, shifted = (read_dialogue_folder(folder) for folder in pair)
        measurements = [
            measure_dialogue(folder / "dialogue.wav", dialogue)
            for folder, dialogue in zip(pair, (natural, shifted), strict=True)
        ]
        gaps = [measure_gaps(dialogue, natural) for dialogue in measurements]
        shift = gaps[1] - gaps[0]
        plot_timelines(
            f"{results}.png",
            measurements,
            ("as it was (gaps in ms)", f"every gap {1000 * self.shift:+.0f} ms"),
        )

        spec = work / "spec.toml"
        files.write_text(spec, f'voices = ["{voice.resolve()}"]\n{self.spec}')
        stimuli = make_stimuli(spec, work / "stimuli", babblers=babblers, overwrite=True)
        recordings = [*(folder / "dialogue.wav" for folder in pair)]
        dialogues = [natural, shifted]
        for one in stimuli.manifest["stimuli"]:
            recordings.append(stimuli.folder / one["file"])
            dialogues.append(conversation_from_manifest(one, one["file"], one["seconds"], one["sample_rate"]))
        return {
            "replay": {
                "conversation": self.conversation,
                "seconds": self.seconds,
                "ipus": len(natural.onset),
                "gaps": len(shift),
                "shift_ms": {
                    "requested": 1000 * self.shift,
                    "mean": 1000 * float(np.mean(shift)),
                    "least": 1000 * float(np.min(shift)),
                    "most": 1000 * float(np.max(shift)),
                },
                "identical_waveforms": count_identical(pair, (natural, shifted)),
            },
            "files": {
                "opened_by_praat_and_elan": len(recordings),
                "largest_difference_ms": {
                    "praat": 1000
                    * max(
                        compare_textgrid(w.with_suffix(".TextGrid"), d)
                        for w, d in zip(recordings, dialogues, strict=True)
                    ),
                    "elan": 1000
                    * max(
                        compare_eaf(w.with_suffix(".eaf"), d)
                        for w, d in zip(recordings, dialogues, strict=True)
                    ),
                },
            },
            "stimuli": {
                "conditions": stimuli.manifest["conditions"],
                "counterbalanced": stimuli.manifest["counterbalanced"],
                "lists": stimuli.manifest["lists"],
                "by_condition": summarise_conditions(stimuli.manifest["stimuli"]),
            },
        }


def measure_dialogue(sound: str | os.PathLike, dialogue: Conversation) -> Conversation:
    """Returns the dialogue with onsets and ends of its IPUs measured from its sound."""
    audio, rate = wave.read(sound, mono=False)
    onset, end = dialogue.onset.copy(), dialogue.end.copy()
    for channel in range(len(dialogue.speakers)):
        own = np.flatnonzero(dialogue.speaker == channel)
        own = own[np.argsort(dialogue.onset[own])]
        onset[own], end[own] = measure_ipus(audio[:, channel], rate)
    return dataclasses.replace(dialogue, onset=onset, end=end)


def measure_gaps(dialogue: Conversation, reference: Conversation) -> np.ndarray:
    """Measures each gap of `reference`, seconds, in the times of `dialogue`, which has the same IPUs in order."""
    transfers = floor_transfers(ipus(reference, Definitions()), "ipu", Definitions())
    rows = np.flatnonzero(transfers.defined & (transfers.fto >= 0))
    return dialogue.onset[rows] - dialogue.end[transfers.previous[rows]]


def count_identical(folders: list[Path], dialogues: tuple[Conversation, Conversation]) -> int:
    """Counts the IPUs, which have the same 16-bit samples in both folders; an AssertionError where one has not."""
    sounds = []
    for folder, dialogue in zip(folders, dialogues, strict=True):
        audio, rate = wave.read(folder / "dialogue.wav", mono=False)
        edges = np.rint(np.stack([dialogue.onset, dialogue.end], axis=1) * rate).astype(int)
        sounds.append([audio[a:b, c] for (a, b), c in zip(edges, dialogue.speaker, strict=True)])
    for one, other in zip(*sounds, strict=True):
        assert np.array_equal(one, other)
    return len(sounds[0])


def compare_textgrid(path: Path, dialogue: Conversation) -> float:
    """Returns the largest difference, seconds, between the dialogue and the intervals that Praat reads."""
    grid = parselmouth.read(str(path))
    worst = 0.0
    for tier in range(1, len(dialogue.speakers) + 1):
        intervals = []
        for i in range(1, call(grid, "Get number of intervals", tier) + 1):
            if call(grid, "Get label of interval", tier, i):
                intervals.append(
                    [call(grid, f"Get {edge} time of interval", tier, i) for edge in ("start", "end")]
                )
        worst = max(worst, _difference(np.array(intervals).reshape(-1, 2), dialogue, tier - 1))
    return worst


def compare_eaf(path: Path, dialogue: Conversation) -> float:
    """Returns the largest difference, seconds, between the dialogue and the annotations that pympi reads."""
    eaf = pympi.Elan.Eaf(str(path))
    rows = {
        name: [(a, b) for a, b, _ in eaf.get_annotation_data_for_tier(name)] for name in dialogue.speakers
    }
    return max(
        _difference(np.array(rows[name]).reshape(-1, 2) / 1000, dialogue, index)
        for index, name in enumerate(dialogue.speakers)
    )


def _difference(intervals: np.ndarray, dialogue: Conversation, speaker: int) -> float:
    own = dialogue.speaker == speaker
    expected = np.stack([dialogue.onset[own], dialogue.end[own]], axis=1)
    return float(np.max(np.abs(np.sort(intervals, axis=0) - np.sort(expected, axis=0)), initial=0))


def summarise_conditions(stimuli: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Summarises each condition: its stimuli, the median gap, and the share of FTOs below 0."""
    rows: dict[tuple[tuple[str, str], ...], list[float]] = {}
    counts: dict[tuple[tuple[str, str], ...], int] = {}
    for one in stimuli:
        levels = tuple(one["levels"].items())
        dialogue = conversation_from_manifest(one, one["file"], one["seconds"], one["sample_rate"])
        transfers = floor_transfers(ipus(dialogue, Definitions()), "ipu", Definitions())
        rows.setdefault(levels, []).extend(transfers.fto[transfers.defined].tolist())
        counts[levels] = counts.get(levels, 0) + 1
    return [
        {
            "levels": dict(levels) or "catch",
            "stimuli": counts[levels],
            "offsets": len(values),
            "median_gap_ms": 1000 * float(np.median([v for v in values if v >= 0])),
            "below_zero": float(np.mean(np.array(values) < -1e-4)),
        }
        for levels, values in rows.items()
    ]


def plot_timelines(
    path: str, dialogues: list[Conversation], titles: tuple[str, ...], seconds: float = 25.0
) -> None:
    """Draws dialogues one above the other: IPUs as bars, gaps shaded with their milliseconds, all as measured.

    Args:
      path: of the PNG.
      dialogues: of two speakers.
      titles: of the dialogues.
      seconds: from the beginning of each.
    """
    figure = create_figure(10, 3.6)
    for axes, dialogue, title in zip(figure.subplots(2, 1, sharex=True), dialogues, titles, strict=True):
        transfers = floor_transfers(ipus(dialogue, Definitions()), "ipu", Definitions())
        for row in np.flatnonzero(transfers.defined & (transfers.fto > 0)):
            if transfers.time[row] < seconds:
                end = float(transfers.time[row])
                axes.axvspan(end - transfers.fto[row], end, color="#f0e08f", lw=0)
                axes.annotate(
                    f"{1000 * transfers.fto[row]:.0f}",
                    (end - transfers.fto[row] / 2, 1.55),
                    ha="center",
                    fontsize=7,
                )
        for index in range(2):
            own = dialogue.speaker == index
            bars = list(zip(dialogue.onset[own], (dialogue.end - dialogue.onset)[own], strict=True))
            axes.broken_barh(bars, (0.65 - index, 0.7), color=("#2f6db3", "#dd7a1a")[index])
        axes.set(xlim=(0, seconds), ylim=(-0.5, 1.9), yticks=(0, 1), yticklabels=dialogue.speakers[::-1])
        axes.set_title(title, fontsize=10, loc="left")
        axes.spines[["top", "right"]].set_visible(False)
    figure.supxlabel("seconds", fontsize=10)
    save_png(figure, path, dpi=110)
