"""The kind of experiment that lets an ear hear what comes through other microphones, as it is and matched.

Axes: T samples, M mel bands.
"""

import dataclasses
import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import librosa
import numpy as np
from tyro.conf import arg

from babble_jax.audio import wave
from babble_jax.audio.resampling import resample
from babble_jax.ear.ear import Ear
from babble_jax.ear.matching import find_match
from babble_jax.judge.phones import speech_seconds
from babble_jax.judge.reference import PIECE_SECONDS
from babble_jax.pretrained.ear import load_ear
from babble_jax.pretrained.hearing import hear
from babble_jax.pretrained.speaking import speak_streams
from babble_jax.pretrained.voices import load_any_voice, speakers_of
from babble_jax.progress import Progress
from experiments.pipelines.ear import find_voice, read_splits
from experiments.pipelines.ear_scores import UNCOUNTED, Strings, score_strings, spell

HEARINGS = {"off": False, "auto": True}
"""By the name of the option `--match`, whether the spectrum is matched."""


@dataclasses.dataclass(frozen=True)
class EarMatchedExperiment:
    """Lets an ear hear the test split through filters, and voices and noise, by the best path.

    Attributes:
      ear: Name of an ear that ships, or folder of one.
      tilts: Of the filters, in dB from the lowest to the highest mel band.
      voices: Names or folders of voices, all of whose speakers are heard.
      sounds: Number of each speaker, of 10 s.
      folder: Recordings with phone labels that the ear was trained on; empty to fetch the Debian package festvox-ru.
        Where they lie is no value of the experiment.
      seed: Random seed of the voices and of the noise.
    """

    ear: str = "ru"
    tilts: tuple[float, ...] = (-20.0, -10.0, 0.0, 10.0, 20.0)
    voices: tuple[str, ...] = ("babblers",)
    sounds: int = 6
    folder: Annotated[str, arg(name="from")] = dataclasses.field(default="", compare=False)
    seed: int = 0

    def run(self, work: Path, results: Path) -> dict[str, Any]:
        """Hears all of it.

        Args:
          work: folder for the package.
          results: unused.

        Returns:
          By the tilt: errors as it is and matched, with intervals over utterances, the share of utterances whose
          spectrum was matched, and quantiles of the distance; by the sound: phones a second of sound and their
          confidence.
        """
        del results
        ear = load_ear(self.ear)
        test = read_splits(find_voice(self.folder, work))["test"]
        audios = [wave.read(one.path, ear.config.sample_rate)[0] for one in test]
        rows = []
        for tilt in self.tilts:
            filtered = [tilt_spectrum(audio, ear, tilt) for audio in audios]
            rows.append({"tilt": tilt, **_hear_strings(ear, filtered, [spell(one) for one in test])})
        return {
            "ear": self.ear,
            "utterances": len(test),
            "rows": rows,
            "seconds": PIECE_SECONDS,
            "sounds": {name: _hear_sounds(ear, sounds) for name, sounds in self._sounds(ear).items()},
        }

    def _sounds(self, ear: Ear) -> dict[str, Sequence[np.ndarray]]:
        """Makes the sounds of voices and noise at the rate of the ear, by name."""
        rate, sounds = ear.config.sample_rate, {}
        for name in self.voices:
            voice = load_any_voice(name)
            for speaker in speakers_of(voice) or (None,):
                streams = speak_streams(voice, PIECE_SECONDS, self.sounds, speaker=speaker, seed=self.seed)
                label = f"voice {Path(name).name}" + ("" if speaker is None else f", {speaker}")
                sounds[label] = [resample(one, voice.config.sample_rate, rate) for one in streams]
        rng = np.random.default_rng(self.seed)
        count = round(PIECE_SECONDS * rate)
        sounds["noise"] = [rng.normal(0, 0.05, count).astype(np.float32) for _ in range(self.sounds)]
        return sounds


def tilt_spectrum(audio: np.ndarray, ear: Ear, tilt: float) -> np.ndarray:
    """Filters a sound by a gain that rises by some dB from the lowest to the highest mel band, 0 in the middle.

    Args:
      audio: [T] float32 at the rate of the ear.
      ear: whose bands they are.
      tilt: dB.
    """
    if not tilt:
        return audio
    rate, bands = ear.config.sample_rate, ear.config.bands
    middles = librosa.mel_frequencies(bands + 2, fmax=rate / 2)[1:-1]
    spectrum = np.fft.rfft(audio)
    gain = np.interp(np.fft.rfftfreq(len(audio), 1 / rate), middles, np.linspace(-tilt / 2, tilt / 2, bands))
    return np.fft.irfft(spectrum * 10 ** (gain / 20), len(audio)).astype(np.float32)


def _hear_strings(ear: Ear, audios: Sequence[np.ndarray], right: Strings) -> dict[str, Any]:
    """Scores an ear on utterances as they are and matched."""
    rate, strings = ear.config.sample_rate, {}
    for name, matches in HEARINGS.items():
        with Progress(f"hearing, --match {name}", len(audios), "utterances") as progress:
            strings[name] = []
            for audio in audios:
                symbols = hear(audio, rate, ear, 0, matches).symbols
                strings[name].append([symbol for symbol in symbols if symbol not in UNCOUNTED])
                progress.update()
    match = functools.partial(find_match, config=ear.config, card=ear.card)
    matches = [match([audio]) for audio in audios]
    distances = [one.distance for one in matches if one.distance is not None]
    return {
        "errors": score_strings(right, strings),
        "matched": float(np.mean([one.curve is not None for one in matches])),
        "distance_db": np.quantile(distances, (0.05, 0.5, 0.95)).tolist() if distances else None,
    }


def _hear_sounds(ear: Ear, sounds: Sequence[np.ndarray]) -> dict[str, Any]:
    """Counts the phones that an ear hears in sounds as they are and matched: medians over the sounds."""
    rate, values = ear.config.sample_rate, {}
    for name, matches in HEARINGS.items():
        rows = []
        for audio in sounds:
            phones = hear(audio, rate, ear, 0, matches).without(UNCOUNTED)
            seconds = speech_seconds(phones.onset, phones.end)
            rows.append(
                (
                    len(phones),
                    len(phones) / seconds if seconds else np.nan,
                    phones.confidence.mean() if len(phones) else np.nan,
                )
            )
        names = ("phones", "rate", "confidence")
        medians = (np.median(column[np.isfinite(column)]) for column in np.array(rows).T)
        values[name] = {
            one: float(value) if np.isfinite(value) else None
            for one, value in zip(names, medians, strict=True)
        }
    return values
