"""The kind of experiment that asks a voice for prosody and measures what it speaks.

Axes: B utterances, T samples, F frames of 10 ms, S settings.
"""

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from babble_jax import files, plotting
from babble_jax.audio.level import active_level_db, rms_db
from babble_jax.audio.pitch import HOP, f0_contour
from babble_jax.pretrained.pretrained import PretrainedVoice, load_voice
from babble_jax.progress import Progress
from babble_jax.voice.conditioning.contour import HIGHEST_F0
from babble_jax.voice.conditioning.prosody import FINAL_SECONDS, FINAL_SEMITONES, NEUTRAL, Prosody
from babble_jax.voice.conditioning.stream_features import conditioning, single_utterance
from babble_jax.voice.config import UNIT_CHANNELS
from babble_jax.voice.sampling.threefry import stream_keys
from babble_jax.voice.speak import generate_audio

SETTINGS: dict[str, tuple[float, ...]] = {
    "pitch": (-6.0, -3.0, 3.0, 6.0),
    "pitch_range": (0.0, 2.0),
    "rate": (0.7, 1.4),
    "level": (-6.0, 6.0),
    "effort": (-3.0, 3.0),
    "entropy": (0.0, 4.0),
}
"""Values of each control that are asked for, beside the neutral one."""
FINALS = ("rise", "fall", "hold")
MEASURES = {
    "pitch": "pitch",
    "pitch_range": "spread",
    "rate": "rate",
    "level": "level",
    "effort": "tilt",
    "entropy": "pairs",
}
"""Which measure answers each control."""
RELATIVE = {"pitch_range", "rate"}
"""Controls that are factors: their measure is divided by its mean at the neutral setting."""
_SPEECH_DB = -45.0  # frames above it are speech
_TILT_HZ = (125.0, 4000.0)
_RESAMPLES = 2001
_SEED = 20
_OCTAVE = 12  # semitones


@dataclasses.dataclass(frozen=True)
class ProsodyExperiment:
    """Asks each speaker of a voice for several values of each control, and regresses what is measured on them.

    Each setting speaks the same utterances: the same keys, so that settings are compared in pairs.

    Attributes:
      voice: name or folder of a voice with units.
      utterances: of each speaker in each setting.
      seconds: length of an utterance, with 0.2 s of silence at both ends.
    """

    voice: str
    utterances: int = 20
    seconds: float = 2.5

    def run(self, work: Path, results: Path) -> dict[str, Any]:
        """Speaks and measures; a setting that an interrupted run has measured is not spoken again.

        Args:
          work: folder of the measures of each setting.
          results: path, without suffix, of the picture.
        """
        voice = load_voice(self.voice)
        plans = list_settings()
        names = voice.config.speakers
        with Progress("settings", len(plans) * len(names), "settings") as progress:
            measured = {}
            for number, speaker in enumerate(names):
                measured[speaker] = {}
                for name, prosody in plans.items():
                    path = work / f"{speaker}-{name}.json"
                    if not path.is_file():
                        work.mkdir(parents=True, exist_ok=True)
                        files.write_json(path, rows_for_json(self._measure(voice, number, prosody)))
                    measured[speaker][name] = rows_of_json(json.loads(path.read_text("utf-8")))
                    progress.update(1)
        controls = {speaker: summarize(rows) for speaker, rows in measured.items()}
        plot_controls(results.with_suffix(".png"), controls)
        return {
            "utterances": self.utterances,
            "seconds": self.seconds,
            "highest_f0": HIGHEST_F0,
            "final_semitones": FINAL_SEMITONES,
            "speakers": controls,
        }

    def _measure(self, voice: PretrainedVoice, speaker: int, prosody: Prosody) -> list[dict[str, float]]:
        """Speaks all utterances of a setting together, and measures each.

        Args:
          voice: the voice.
          speaker: index.
          prosody: the setting.
        """
        assert voice.unit_models is not None
        keys = stream_keys(_SEED, self.utterances)
        speakers = np.full(self.utterances, speaker)
        active = [single_utterance(self.seconds)] * self.utterances
        local = conditioning(voice, active, keys, speakers, prosody=prosody)
        assert local is not None
        rate, frame = voice.config.sample_rate, voice.config.sample_model.frame
        samples = round(self.seconds * rate)
        channels = local(0, -(-samples // frame))
        audio = generate_audio(
            voice,
            keys,
            samples,
            speaker=speakers,
            local=conditioning(voice, active, keys, speakers, prosody=prosody),
            prosody=prosody,
        )
        seconds = self.seconds - 2 * single_utterance(self.seconds)[0, 0]
        rows = []
        for b in range(self.utterances):
            units = voice.unit_models.codebook.encode(audio[b], rate, speaker)
            targets = channels[UNIT_CHANNELS[0]][b].astype(int)
            median = float(voice.unit_models.codebook.median_f0[speaker])
            rows.append(
                measure_sound(audio[b], rate, median)
                | {
                    "rate": float(np.count_nonzero(np.diff(units))) / seconds,
                    "pairs": distinct_pairs(units),
                    "rate_conditioned": float(np.count_nonzero(np.diff(targets))) / seconds,
                    "pairs_conditioned": distinct_pairs(targets),
                    "agreement": float(
                        np.mean(targets == units[_frames_of(len(targets), frame / rate, len(units))])
                    ),
                }
            )
        return rows


def rows_for_json(rows: list[dict[str, float]]) -> list[dict[str, float | None]]:
    """Puts None where an utterance has no value, as one without a voiced frame has no pitch."""
    return [{name: value if np.isfinite(value) else None for name, value in row.items()} for row in rows]


def rows_of_json(rows: list[dict[str, float | None]]) -> list[dict[str, float]]:
    """Takes back what `rows_for_json` gave, with NaN for None."""
    return [{name: np.nan if value is None else value for name, value in row.items()} for row in rows]


def list_settings() -> dict[str, Prosody]:
    """Lists all settings by name: the neutral one, "pitch -6", "final rise" and so on."""
    plans = {"neutral": NEUTRAL}
    for name, values in SETTINGS.items():
        plans |= {f"{name} {value:g}": dataclasses.replace(NEUTRAL, **{name: value}) for value in values}
    return plans | {f"final {final}": Prosody(final=final) for final in FINALS}


def measure_sound(audio: np.ndarray, rate: int, median_f0: float) -> dict[str, float]:
    """Measures an utterance; pitch is sought up to 800 Hz, since a woman who is asked for more goes beyond 400 Hz.

    Args:
      audio: [T] float32.
      rate: Hz.
      median_f0: Hz, of the speaker.

    Returns:
      `pitch`, median semitones from that of the speaker; `spread`, half the distance in semitones between the 16th and
      the 84th percentile of pitch; `level`, dB of the active frames; `tilt`, dB per octave of the mean spectrum;
      `final`, the slope of pitch over the last 0.3 s of voiced frames times their number, in semitones.
    """
    f0 = f0_contour(audio, rate, HIGHEST_F0)
    semitones = _OCTAVE * np.log2(f0[np.isfinite(f0)] / median_f0)
    if not len(semitones):
        semitones = np.full(1, np.nan)
    end = semitones[-round(FINAL_SECONDS / HOP) :]
    low, high = np.percentile(semitones, (15.9, 84.1))
    slope = np.polyfit(np.arange(len(end)), end, 1)[0] if len(end) > 1 else np.nan
    return {
        "pitch": float(np.median(semitones)),
        "spread": float(high - low) / 2,
        "level": active_level_db(audio, rate),
        "tilt": spectral_tilt(audio, rate),
        "final": float(slope) * len(end),
    }


def spectral_tilt(audio: np.ndarray, rate: int) -> float:
    """Measures the slope of the mean power spectrum from 125 to 4000 Hz, in dB per octave.

    Args:
      audio: [T] float32.
      rate: Hz.
    """
    size = 2 * (rate // 50)
    count = len(audio) // size
    frames = audio[: count * size].reshape(count, size)
    level = rms_db(audio, rate)[:: round(size / rate / HOP)][:count]
    frames = frames[level > _SPEECH_DB] if (level > _SPEECH_DB).any() else frames
    power = np.square(np.abs(np.fft.rfft(frames * np.hanning(size), axis=1))).mean(axis=0)
    hz = np.arange(len(power)) * rate / size
    edges = _TILT_HZ[0] * 2 ** np.arange(0, np.log2(_TILT_HZ[1] / _TILT_HZ[0]) + 0.1)
    bands = [power[(hz >= low) & (hz < 2 * low)].mean() for low in edges[:-1]]
    return float(np.polyfit(np.arange(len(bands)), 10 * np.log10(bands), 1)[0])


def distinct_pairs(units: np.ndarray) -> float:
    """Returns the number of different pairs of consecutive units over that of all pairs, for units [F]."""
    runs = units[np.concatenate([[True], units[1:] != units[:-1]])]
    pairs = list(zip(runs[:-1].tolist(), runs[1:].tolist(), strict=True))
    return len(set(pairs)) / max(len(pairs), 1)


def summarize(rows: dict[str, list[dict[str, float]]]) -> dict[str, Any]:
    """Regresses measures on what was asked for.

    Args:
      rows: measures of each utterance, by setting.

    Returns:
      For each control the values, the mean measure at each, the slope of the measure on the value, and its 95 %
      interval by resampling utterances; for the finals mean and median movement, and the share whose direction is that.
    """
    neutral = rows["neutral"]
    values: dict[str, Any] = {}
    for name, targets in SETTINGS.items():
        key, start = MEASURES[name], getattr(NEUTRAL, name)
        points = sorted([(start, "neutral"), *((value, f"{name} {value:g}") for value in targets)])
        table = np.array([[row[key] for row in rows[setting]] for _, setting in points])
        conditioned = f"{key}_conditioned"
        values[name] = {
            "asked": [value for value, _ in points],
            "neutral": float(np.nanmean([row[key] for row in neutral])),
        } | regress(np.array([value for value, _ in points]), table, start, name in RELATIVE)
        if conditioned in neutral[0]:
            means = [float(np.mean([row[conditioned] for row in rows[setting]])) for _, setting in points]
            values[name]["conditioned"] = means
        values[name]["agreement"] = [
            float(np.mean([row["agreement"] for row in rows[setting]])) for _, setting in points
        ]
    moves = {final: np.array([row["final"] for row in rows[f"final {final}"]]) for final in FINALS}
    right = np.concatenate([moves["rise"] > 0, moves["fall"] < 0])
    values["final"] = {
        "semitones": {final: float(np.nanmean(one)) for final, one in moves.items()}
        | {"neutral": float(np.nanmean([row["final"] for row in neutral]))},
        "medians": {final: float(np.nanmedian(one)) for final, one in moves.items()},
        "share": float(np.mean(right)),
    }
    return values


def regress(targets: np.ndarray, table: np.ndarray, start: float, relative: bool) -> dict[str, Any]:
    """Fits a line to measures of the same utterances at several settings.

    Args:
      targets: [S] values that were asked for.
      table: [S, B] measures; NaN where there is none.
      start: the neutral value, to which measures are compared.
      relative: whether they are divided by their mean there, and not subtracted from it.

    Returns:
      `measured`, [S] means beside the neutral one; `slope` and `interval`, 95 % by resampling utterances.
    """
    at, count = int(np.flatnonzero(targets == start)[0]), table.shape[1]
    draws = np.random.default_rng(0).integers(count, size=(_RESAMPLES, count))
    draws[0] = np.arange(count)  # the utterances themselves
    means = np.nanmean(table[:, draws], axis=2)
    means = means / means[at] if relative else means - means[at]
    slopes = np.polyfit(targets, means, 1)[0]
    return {
        "measured": means[:, 0].tolist(),
        "slope": float(slopes[0]),
        "interval": np.percentile(slopes[1:], (2.5, 97.5)).tolist(),
    }


def _frames_of(count: int, seconds: float, frames: int) -> np.ndarray:
    """Returns the frames of 10 ms, of F, in the middles of `count` top frames of so many seconds each."""
    return np.minimum(((np.arange(count) + 0.5) * seconds / HOP).astype(int), frames - 1)


def plot_controls(path: Path, controls: dict[str, dict[str, Any]]) -> None:
    """Writes measured against asked, a panel for each control, as a PNG.

    Args:
      path: of the PNG.
      controls: what `summarize` returns, by speaker.
    """
    figure = plotting.create_figure(12, 7)
    panels: Sequence[Any] = figure.subplots(2, 3, squeeze=False).ravel().tolist()
    for axes, name in zip(panels, SETTINGS, strict=True):
        for speaker, values in controls.items():
            one = values[name]
            axes.plot(
                one["asked"],
                one["measured"],
                "o-",
                label=speaker if name == "entropy" else f"{speaker}, slope {one['slope']:.2f}",
            )
        if name != "entropy":
            targets = sorted([getattr(NEUTRAL, name), *SETTINGS[name]])
            axes.plot(targets, targets, "k:", lw=1, label="as asked")
        axes.set(xlabel=f"{name.replace('_', ' ')}, asked", ylabel="measured")
        axes.legend(fontsize=8)
    plotting.save_png(figure, path, dpi=100)
