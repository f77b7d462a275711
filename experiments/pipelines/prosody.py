"""The kind of experiment that asks a voice for prosody and measures what it speaks.

Axes: B utterances, S settings.
"""

import dataclasses
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from babble_jax import plotting
from babble_jax.pretrained.ear import load_ear
from babble_jax.pretrained.voices import load_any_voice
from babble_jax.voice.conditioning.contour import HIGHEST_F0
from babble_jax.voice.conditioning.prosody import NEUTRAL, Prosody
from babble_jax.voice.conditioning.prosody_final import FINAL_SEMITONES, MOVEMENTS
from experiments.pipelines.prosody_speaking import Rows, Utterances, measure_settings
from experiments.pipelines.tempo_check import check_tempo
from experiments.pipelines.voice_digest import digest_voice

SETTINGS: dict[str, tuple[float, ...]] = {
    "pitch": (-6.0, -3.0, 3.0, 6.0),
    "pitch_range": (0.5, 1.5),
    "rate": (0.7, 1.4),
    "level": (-6.0, 6.0),
    "effort": (-3.0, 3.0),
    "entropy": (0.0, 4.0),
}
"""Values of each control that are asked for, beside the neutral one."""
BEYOND: dict[str, tuple[float, ...]] = {"pitch_range": (0.0, 2.0), "rate": (0.5, 2.0)}
"""Values further away than voices follow, which are measured and have no part in the slopes."""
FINAL = "final"
MEASURES = {
    "pitch": "pitch",
    "pitch_range": "spread",
    "rate": "change",
    "level": "level",
    "effort": "tilt",
    "entropy": "pairs",
}
"""Which measure answers each control."""
OTHERS = {"rate": ("units", "phones")}
"""Measures beside them."""
RELATIVE = {"pitch_range", "rate"}
"""Controls that are factors: their measure is divided by its mean at the neutral setting."""
LOGARITHMIC = {"rate"}
"""Controls whose slope is that of the logarithm of the measure on the logarithm of the value: of a factor on speech all
of which is slower or faster, it does not depend on the mean at the neutral setting."""
_RESAMPLES = 2001
_COLUMNS = 3  # of panels


@dataclasses.dataclass(frozen=True)
class ProsodyExperiment:
    """Asks each speaker of a voice for several values of each control, and regresses what is measured on them.

    The response on the card of the voice is in force; the seed is another than the one it was measured with.

    Attributes:
      voice: name or folder of a voice with units, or of one that speaks phones.
      controls: what is asked for, of `SETTINGS` and "final".
      ear: name of an ear that counts phones; empty for none.
      ear_speakers: those that the ear has learned from.
      utterances: of each speaker in each setting.
      seconds: length of an utterance, see `Utterances`.
      seed: of the utterances.
    """

    voice: str
    controls: tuple[str, ...] = (*SETTINGS, FINAL)
    ear: str = ""
    ear_speakers: tuple[str, ...] = ()
    utterances: int = 20
    seconds: float = 2.5
    seed: int = 22

    def run(self, work: Path, results: Path) -> dict[str, Any]:
        """Speaks and measures.

        Args:
          work: for a folder of the measures of each setting of this voice.
          results: path, without suffix, of the picture.
        """
        ears = dict.fromkeys(self.ear_speakers, load_ear(self.ear)) if self.ear else {}
        utterances = Utterances(self.utterances, self.seconds, self.seed)
        settings = {name: (*SETTINGS[name], *BEYOND.get(name, ())) for name in self.controls if name != FINAL}
        plans = list_settings(settings, FINAL in self.controls)
        own = work / digest_voice(self.voice)
        measured = measure_settings(load_any_voice(self.voice), plans, utterances, own, ears)
        controls = {speaker: summarize(rows, self.controls) for speaker, rows in measured.items()}
        plot_controls(results.with_suffix(".png"), controls)
        values = {
            "utterances": self.utterances,
            "seconds": self.seconds,
            "seed": self.seed,
            "highest_f0": HIGHEST_F0,
            "final_semitones": FINAL_SEMITONES,
            "speakers": controls,
        }
        return values | ({"tempo": check_tempo(self.ear)} if self.ear else {})


def list_settings(settings: Mapping[str, Sequence[float]], finals: bool) -> dict[str, Prosody]:
    """Lists all settings by name: the neutral one, "pitch -6", "final rise" and so on.

    Args:
      settings: values of each control, beside the neutral one.
      finals: whether final contours are among them.
    """
    plans = {"neutral": NEUTRAL}
    for name, values in settings.items():
        plans |= {f"{name} {value:g}": dataclasses.replace(NEUTRAL, **{name: value}) for value in values}
    return plans | ({f"{FINAL} {final}": Prosody(final=final) for final in MOVEMENTS} if finals else {})


def summarize(rows: Mapping[str, Rows], controls: Sequence[str]) -> dict[str, Any]:
    """Regresses measures on what was asked for.

    Args:
      rows: measures of each utterance, by setting.
      controls: what was asked for.

    Returns:
      For each control the values, the mean measure at each, the slope of the measure on the value, and its 95 %
      interval by resampling utterances; the same of the measures beside it, under `others`; under `beyond` the values
      and means further away. For the finals, see `summarize_finals`.
    """
    values: dict[str, Any] = {}
    for name in controls:
        if name == FINAL:
            values[name] = summarize_finals(rows)
            continue
        one = tabulate(rows, name, SETTINGS[name], MEASURES[name])
        others = [other for other in OTHERS.get(name, ()) if other in rows["neutral"][0]]
        if others:
            one["others"] = {other: tabulate(rows, name, SETTINGS[name], other) for other in others}
        if name in BEYOND:
            further = tabulate(rows, name, BEYOND[name], MEASURES[name])
            pairs = zip(further["asked"], further["measured"], strict=True)
            one["beyond"] = [pair for pair in pairs if pair[0] != getattr(NEUTRAL, name)]
        values[name] = one
    return values


def tabulate(
    rows: Mapping[str, Rows], control: str, targets: Sequence[float], measure: str
) -> dict[str, Any]:
    """Regresses a measure on the values of a control.

    Args:
      rows: measures of each utterance, by setting.
      control: name.
      targets: values that were asked for, beside the neutral one.
      measure: name.

    Returns:
      `asked`; `neutral`, the mean measure there; what `regress` returns; of a voice with units, means of what it was
      conditioned on and of the agreement of units.
    """
    start = getattr(NEUTRAL, control)
    points = sorted([(start, "neutral"), *((value, f"{control} {value:g}") for value in targets)])
    table = np.array([[row[measure] for row in rows[setting]] for _, setting in points])
    values: dict[str, Any] = {
        "asked": [value for value, _ in points],
        "neutral": float(np.nanmean([row[measure] for row in rows["neutral"]])),
    } | regress(
        np.array([value for value, _ in points]), table, start, control in RELATIVE, control in LOGARITHMIC
    )
    for name, key in (("conditioned", f"{measure}_conditioned"), ("agreement", "agreement")):
        if key in rows["neutral"][0]:
            values[name] = [float(np.mean([row[key] for row in rows[setting]])) for _, setting in points]
    return values


def summarize_finals(rows: Mapping[str, Rows]) -> dict[str, Any]:
    """Summarizes the movements with which utterances end, in semitones.

    Args:
      rows: measures of each utterance, by setting.

    Returns:
      `semitones` and `medians`, mean and median movement of those that have one; `intervals`, 95 % of the means;
      `share`, that of rises that go up and of falls that go down, where an utterance without a movement goes neither
      way; `told_apart`, that of pairs of a rise and a fall of which the rise goes further up.
    """
    moves = {final: np.array([row[FINAL] for row in rows[f"{FINAL} {final}"]]) for final in MOVEMENTS}
    moves["neutral"] = np.array([row[FINAL] for row in rows["neutral"]])
    rises, falls = moves["rise"], moves["fall"]
    return {
        "semitones": {final: float(np.nanmean(one)) for final, one in moves.items()},
        "medians": {final: float(np.nanmedian(one)) for final, one in moves.items()},
        "intervals": {final: interval_of_mean(one[np.isfinite(one)]) for final, one in moves.items()},
        "share": float(np.mean(np.concatenate([rises > 0, falls < 0]))),
        "told_apart": float(np.mean(rises[:, None] > falls)),
    }


def interval_of_mean(values: np.ndarray) -> list[float]:
    """Returns the 95 % interval of the mean of values [B], by resampling them."""
    draws = np.random.default_rng(0).integers(len(values), size=(_RESAMPLES, len(values)))
    return np.percentile(values[draws].mean(axis=1), (2.5, 97.5)).tolist()


def regress(
    targets: np.ndarray, table: np.ndarray, start: float, relative: bool, logarithmic: bool = False
) -> dict[str, Any]:
    """Fits a line to measures of the same utterances at several settings.

    Args:
      targets: [S] values that were asked for.
      table: [S, B] measures; NaN where there is none.
      start: the neutral value, to which measures are compared.
      relative: whether they are divided by their mean there, and not subtracted from it.
      logarithmic: whether the line is one through logarithms.

    Returns:
      `measured`, [S] means beside the neutral one; `slope` and `interval`, 95 % by resampling utterances.
    """
    at, count = int(np.flatnonzero(targets == start)[0]), table.shape[1]
    draws = np.random.default_rng(0).integers(count, size=(_RESAMPLES, count))
    draws[0] = np.arange(count)  # the utterances themselves
    means = np.nanmean(table[:, draws], axis=2)
    means = means / means[at] if relative else means - means[at]
    slopes = (
        np.polyfit(np.log(targets), np.log(means), 1) if logarithmic else np.polyfit(targets, means, 1)
    )[0]
    return {
        "measured": means[:, 0].tolist(),
        "slope": float(slopes[0]),
        "interval": np.percentile(slopes[1:], (2.5, 97.5)).tolist(),
    }


def plot_controls(path: Path, controls: Mapping[str, Mapping[str, Any]]) -> None:
    """Writes measured against asked, a panel for each control but the finals, as a PNG.

    Args:
      path: of the PNG.
      controls: what `summarize` returns, by speaker.
    """
    names = [name for name in next(iter(controls.values())) if name != FINAL]
    rows = math.ceil(len(names) / _COLUMNS)
    figure = plotting.create_figure(12, 3.5 * rows)
    panels: Sequence[Any] = figure.subplots(rows, _COLUMNS, squeeze=False).ravel().tolist()
    for axes in panels[len(names) :]:
        axes.set_axis_off()
    for axes, name in zip(panels, names, strict=False):
        for speaker, values in controls.items():
            one = values[name]
            label = speaker if name == "entropy" else f"{speaker}, slope {one['slope']:.2f}"
            (line,) = axes.plot(one["asked"], one["measured"], "o-", label=label)
            if "beyond" in one:
                axes.plot(*zip(*one["beyond"], strict=True), "x", color=line.get_color())
        if name != "entropy":
            targets = sorted([getattr(NEUTRAL, name), *SETTINGS[name], *BEYOND.get(name, ())])
            axes.plot(targets, targets, "k:", lw=1, label="as asked")
        axes.set(xlabel=f"{name.replace('_', ' ')}, asked", ylabel="measured")
        axes.legend(fontsize=8)
    plotting.save_png(figure, path, dpi=100)
