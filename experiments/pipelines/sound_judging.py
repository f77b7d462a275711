"""The kind of experiment that judges sounds other than speech beside the recordings that their voice learned from.

A detector of speech says nothing of them: when they sound is told by their energy, and pitch is sought up to 1,000 Hz.

Axes: T samples, P pieces, M bands of the long-term spectrum.
"""

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np

from babble_jax.audio import measures, spectrogram
from babble_jax.audio.activity import detect_by_energy
from babble_jax.audio.level import rms_db
from babble_jax.audio.pitch import f0_contour
from babble_jax.judge.judgement import WORSE_TAILS
from babble_jax.judge.loops import loop_correlation, max_cross_correlation
from babble_jax.judge.modulation import modulation_share
from babble_jax.judge.ranges import Range
from babble_jax.judge.reference import HIGH, LOW, MAX_DISTANCE_RATIO, cut_pieces, make_noise
from babble_jax.judge.spectrum import long_term_spectrum, spectrum_distance
from babble_jax.pretrained.pretrained import load_voice
from babble_jax.pretrained.speaking import speak_streams
from babble_jax.progress import Progress
from experiments.pipelines.babbler import BabblerExperiment
from experiments.pipelines.judging import MORE, SAMPLES, SECONDS, find_speakers, held_out, tally

HIGHEST_F0 = 1000.0  # Hz
OTHERS = 6
"""Pieces of the recordings of each other speaker that are judged, to say how much the ranges tell apart."""


@dataclasses.dataclass(frozen=True)
class SoundMeasures:
    """The measures of a sound; None where there is nothing to measure.

    Attributes:
      sound_share: share of the time in which there is sound, by its energy, [0, 1].
      stretch_seconds: mean length of a stretch of sound.
      pause_seconds: mean length of a silence between two.
      modulation_share: see `babble_jax.judge.modulation.modulation_share`.
      voiced_share: share of the time that has a pitch of 60 to 1,000 Hz, [0, 1].
      loud_db: 95th percentile of the level of frames of 10 ms, dB of full scale.
      f0_low_hz: 10th percentile of the pitch.
      f0_median_hz: median of the pitch.
      f0_high_hz: 90th percentile of the pitch.
      centroid_hz: spectral centroid, mean over the frames that are not silent; 0 where there is none.
      flatness: spectral flatness, likewise: more where there is hiss.
      ltas_distance_db: of the long-term spectrum from that of the recordings (`spectrum.spectrum_distance`).
      loop_correlation: see `babble_jax.judge.loops.loop_correlation`.
    """

    sound_share: float
    stretch_seconds: float | None
    pause_seconds: float | None
    modulation_share: float
    voiced_share: float
    loud_db: float
    f0_low_hz: float | None
    f0_median_hz: float | None
    f0_high_hz: float | None
    centroid_hz: float
    flatness: float
    ltas_distance_db: float
    loop_correlation: float


MEASURES = tuple(field.name for field in dataclasses.fields(SoundMeasures))


def measure_sound(audio: np.ndarray, rate: int, spectrum: np.ndarray) -> SoundMeasures:
    """Measures a sound.

    Args:
      audio: [T] float amplitudes.
      rate: Hz.
      spectrum: [M] dB, the long-term spectrum of the recordings.
    """
    stretches, seconds = detect_by_energy(audio, rate), len(audio) / rate
    f0 = f0_contour(audio, rate, HIGHEST_F0)
    pitches = f0[np.isfinite(f0)]
    low, median, high = np.quantile(pitches, (0.1, 0.5, 0.9)).tolist() if len(pitches) else (None,) * 3
    plain = measures.measure(audio, rate)
    return SoundMeasures(
        sound_share=float(np.diff(stretches).sum() / seconds),
        stretch_seconds=float(np.diff(stretches).mean()) if len(stretches) else None,
        pause_seconds=float(np.mean(stretches[1:, 0] - stretches[:-1, 1])) if len(stretches) > 1 else None,
        modulation_share=modulation_share(audio, rate),
        voiced_share=len(pitches) / len(f0),
        loud_db=float(np.quantile(rms_db(audio, rate), 0.95)),
        f0_low_hz=low,
        f0_median_hz=median,
        f0_high_hz=high,
        centroid_hz=plain.centroid_hz,
        flatness=plain.flatness,
        ltas_distance_db=spectrum_distance(long_term_spectrum(audio, rate), spectrum),
        loop_correlation=loop_correlation(audio, rate),
    )


@dataclasses.dataclass(frozen=True, eq=False)
class HeldOut:
    """Held-out recordings of a speaker, and their measures.

    Attributes:
      pieces: [P, T] amplitudes.
      rate: Hz.
      spectrum: [M] dB, the long-term spectrum of all of them.
      ranges: of each measure that any piece has.
    """

    pieces: np.ndarray
    rate: int
    spectrum: np.ndarray
    ranges: dict[str, Range]

    @classmethod
    def measure(cls, audio: np.ndarray, rate: int) -> "HeldOut":
        """Measures recordings in pieces of 10 s.

        Args:
          audio: [T] float amplitudes, one recording after the other.
          rate: Hz.

        Raises:
          BabbleError: there are fewer than two pieces.
        """
        pieces = cut_pieces(audio, rate)
        spectrum = long_term_spectrum(pieces.reshape(-1), rate)
        rows = [measure_sound(piece, rate, spectrum) for piece in pieces]
        ranges = {}
        for name in MEASURES:
            values = [value for row in rows if (value := getattr(row, name)) is not None]
            if values:
                ranges[name] = Range(*np.quantile(values, (LOW, 0.5, HIGH)).tolist())
        return cls(pieces, rate, spectrum, ranges)

    def bounds(self, name: str) -> tuple[float | None, float]:
        """Returns the least and the largest value of a measure that the recordings could have; None for no least one.

        They are those of `babble_jax.judge.reference.Reference.bounds`.
        """
        real, one_sided = self.ranges[name], WORSE_TAILS.get(name) == "above"
        high = MAX_DISTANCE_RATIO * real.median if name == "ltas_distance_db" else real.high
        return None if one_sided else real.low, high

    def within(self, name: str, value: float | None) -> bool:
        """Tests whether a measure has a value that the recordings could have."""
        if value is None or name not in self.ranges:
            return False
        low, high = self.bounds(name)
        return (low is None or low <= value) and value <= high

    def measure_all(self, sounds: np.ndarray) -> list[SoundMeasures]:
        """Measures sounds [N, T] beside these recordings."""
        return [measure_sound(sound, self.rate, self.spectrum) for sound in sounds]


@dataclasses.dataclass(frozen=True)
class SoundsJudgedExperiment:
    """Judges the speakers of a voice of other sounds beside held-out recordings, at its own temperature.

    Attributes:
      run_of: the experiment that trained the voice, whose recordings are made again.
      speakers: name in the voice that ships of each speaker of the data set.
      voice: its name, or its folder; before its release its speakers have the names of the data set's. Which it is, is
        no value of the experiment.
      collections: folder of all collections of sound files, as in `BabblerExperiment`.
    """

    run_of: BabblerExperiment
    speakers: dict[str, str]
    voice: str = dataclasses.field(default="", compare=False)
    collections: str = dataclasses.field(default="", compare=False)

    def run(self, work: Path, results: Path) -> dict[str, Any]:
        """Judges the voice.

        Args:
          work: folder for the data set.
          results: path, without suffix, of the pictures of a sample and of a recording of each speaker.

        Returns:
          For each speaker: `recordings`, number of pieces and bounds and median of each measure; `noise`, medians of
          white noise; `samples`, `median`, `within` and `share_within` of the voice; `others_within`, the same share of
          recordings of the other speakers; `most_alike`, the largest correlation of two samples.

        Raises:
          BabbleError: there is no such voice, or it lacks a speaker.
        """
        voice, own = load_voice(self.voice), self.run_of
        own_name = find_speakers(voice, self.speakers, self.voice, "voice_other_sounds")
        dataclasses.replace(own, collections=self.collections).build_dataset(work / "dataset")
        real = {}
        with Progress("measuring recordings", len(self.speakers), "speakers") as progress:
            for source, speaker in self.speakers.items():
                real[speaker] = HeldOut.measure(held_out(work / "dataset", source), own.sample_rate)
                progress.update()
        judged = {}
        with Progress("judging", len(self.speakers), "speakers") as progress:
            for speaker, recordings in real.items():
                others = [one.pieces[:OTHERS] for name, one in real.items() if name != speaker]
                audio, more = (
                    speak_streams(voice, SECONDS, count, speaker=own_name[speaker], seed=seed)
                    for seed, count in enumerate((SAMPLES, MORE))
                )
                picture = f"{results}-{speaker}"
                judged[speaker] = _judge(audio, more, recordings, np.concatenate(others), picture)
                progress.update()
        return {"temperature": voice.sampling().temperature, "judged": judged}


def _judge(
    audio: np.ndarray, more: np.ndarray, recordings: HeldOut, others: np.ndarray, picture: str
) -> dict[str, Any]:
    """Judges a speaker.

    Args:
      audio: [N, T] samples.
      more: [N', T] other samples, of which the share within is.
      recordings: of the speaker.
      others: [P, T] pieces of recordings of other speakers.
      picture: path, without suffix, of the pictures.
    """
    for suffix, title, sound in (("", "voice", audio[0]), ("-recording", "recording", recordings.pieces[0])):
        spectrogram.plot_spectrogram(sound, recordings.rate, f"{picture}{suffix}.png", title)
    samples = recordings.measure_all(audio)
    values = tally(samples, recordings.measure_all(more), MEASURES, recordings.within)
    beside, noise = recordings.measure_all(others), recordings.measure_all(make_noise(recordings.pieces))
    return {
        "recordings": {
            "pieces": len(recordings.pieces),
            "medians": {name: one.median for name, one in recordings.ranges.items()},
            "bounds": {name: recordings.bounds(name) for name in recordings.ranges},
        },
        "noise": tally(noise, noise, MEASURES, recordings.within)["median"],
        "samples": [dataclasses.asdict(one) for one in samples],
        **values,
        "others_within": tally(beside, beside, MEASURES, recordings.within)["share_within"],
        "most_alike": max(max_cross_correlation(audio[0], x, recordings.rate) for x in audio[1:]),
    }
