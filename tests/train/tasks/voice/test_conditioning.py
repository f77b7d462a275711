"""Features of a batch are those computed by hand; units are fitted, loaded, or taken from another voice."""

import dataclasses
import itertools
import math

import jax
import numpy as np
import pytest

from babble_jax.audio.level import LOWEST_RMS_DB
from babble_jax.audio.units import UnitSequence
from babble_jax.dataset.source import Recordings
from babble_jax.dataset.tbptt import StreamingBatches
from babble_jax.errors import BabbleError
from babble_jax.pretrained.pretrained import PretrainedVoice, save_voice
from babble_jax.train.tasks.voice.conditioning import batch_conditioning, load_or_fit_units
from babble_jax.train.tasks.voice.stored_units import open_units
from tests.small_run import small

RATE, FRAME, UNITS = 4000, 8, 4
KNOTS = [LOWEST_RMS_DB, -45.0, -30.0, -15.0]  # dB of full scale
SPEAKERS = ("ann", "ben")


def task_of(units=UNITS, **options):
    """Makes the task of a voice of two speakers."""
    return small("tones", SPEAKERS, by_activity=True, units=units, **options)


def fit_or_load(task, recordings, workdir):
    return load_or_fit_units(task.config, task.voice, recordings, workdir)


def features_of(task, recordings, unit_models):
    return batch_conditioning(task.config, task.voice, recordings, unit_models)


@pytest.fixture(scope="module")
def recordings():
    """Two recordings of each of two speakers: tones and noise where they are active, near-silence elsewhere."""
    active = (
        np.array([(0.1, 0.355), (0.5, 0.7)]),
        np.array([(0.0, 0.3)]),
        np.array([(0.152, 0.43)]),
        np.array([(0.05, 0.2), (0.31, 0.62)]),
    )
    draws, sound = np.random.default_rng(0), []
    for i, (seconds, intervals) in enumerate(zip((0.8, 0.333, 0.5, 0.65), active, strict=True)):
        time = np.arange(round(seconds * RATE)) / RATE
        audio = 1e-4 * draws.normal(size=len(time))
        for number, (onset, end) in enumerate(intervals):
            inside, middle = (time >= onset) & (time < end), (onset + end) / 2
            harmonics = sum(np.sin(2 * np.pi * k * (110 + 60 * i) * time) / k for k in range(1, 6))
            part = np.where(time < middle, 0.1 * harmonics, 0.02 * draws.normal(size=len(time)))
            audio += inside * part / (1 + number)
        sound.append(np.rint(audio * 32767).astype(np.int16))
    return Recordings(
        np.array([len(x) for x in sound]),
        np.array([0, 1, 0, 1], np.int32),
        SPEAKERS,
        RATE,
        1.0,
        sound.__getitem__,
        active,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("run")


@pytest.fixture(scope="module")
def models(recordings, folder):
    """The unit models that a run fits on the recordings and writes into its folder."""
    models = fit_or_load(task_of(), recordings, folder)
    assert models is not None
    return models


def unreadable(recordings):
    """The same recordings, whose sound must not be read."""

    def read(i):
        raise AssertionError("the recordings were read")

    return dataclasses.replace(recordings, read_samples=read)


def equal(a, b):
    """Asserts that unit models are equal to the bit: a run that goes on reads what a fresh one has fitted."""
    for x, y in zip((a.codebook, *a.unit_lms), (b.codebook, *b.unit_lms), strict=True):
        assert type(x) is type(y)
        for field in dataclasses.fields(x):
            np.testing.assert_array_equal(*(getattr(model, field.name) for model in (x, y)))


def units_by_hand(models, recordings, i):
    """(unit, pitch, level) of each 10 ms: means of the runs inside of activity, silence elsewhere."""
    speaker = int(recordings.speakers[i])
    audio = (recordings.read(i) / 32768).astype(np.float32)
    encoded = models.codebook.encode_recording(audio, RATE, speaker)
    frames = [(models.unit_lms[speaker].silence_unit, math.nan, LOWEST_RMS_DB)] * len(encoded.units)
    for onset, end in recordings.active[i]:
        first, stop = round(onset * 100), min(round(end * 100), len(frames))
        before = (0, math.nan, LOWEST_RMS_DB)
        for unit, group in itertools.groupby(range(first, stop), lambda f: int(encoded.units[f])):
            run = list(group)
            voiced = [x for x in encoded.pitch[run] if math.isfinite(x)]
            pitch = round(float(np.mean(voiced)) * 64) / 64 if 2 * len(voiced) >= len(run) else math.nan
            steps = round((float(np.mean(encoded.rms_db[run])) - LOWEST_RMS_DB) / 2)
            level = LOWEST_RMS_DB + 2 * min(max(steps, 0), 31)
            for number, f in enumerate(run, 1):
                # Pitch approaches its value within four frames, the level within two.
                share = min(1.0, number / min(4, len(run))), min(1.0, number / min(2, len(run)))
                high = before[1] + (pitch - before[1]) * share[0] if math.isfinite(before[1]) else pitch
                loud = before[2] + (level - before[2]) * share[1] if before[2] > LOWEST_RMS_DB else level
                frames[f] = (unit, high, loud)
            before = frames[run[-1]]
    return frames


def features_by_hand(models, recordings, i):
    """Rows of features of recording i, one per top frame."""
    frames, rows = units_by_hand(models, recordings, i), []
    for n in range(math.ceil(recordings.lengths[i] / FRAME)):
        time = (n + 0.5) * FRAME / RATE
        row = [0.0, 0.0, 0.0]
        for onset, end in recordings.active[i]:
            if onset <= time < end:
                row = [1.0, math.exp(-(time - onset) / 0.1), math.exp(-(end - time) / 0.1)]
        rows.append(row + unit_features(*frames[min(int(time * 100 + 1e-9), len(frames) - 1)]))
    return np.array(rows, np.float32)


def unit_features(unit, pitch, level):
    """One-hot unit, whether it is voiced, pitch, and weights of the knots of the level."""
    weights = [0.0] * len(KNOTS)
    upper = next((k for k, knot in enumerate(KNOTS) if knot > level), None)
    if upper is None:
        weights[-1] = 1.0
    else:
        share = (level - KNOTS[upper - 1]) / (KNOTS[upper] - KNOTS[upper - 1])
        weights[upper - 1 : upper + 1] = [1 - share, share]
    voiced = math.isfinite(pitch)
    return [*(float(u == unit) for u in range(UNITS)), float(voiced), pitch if voiced else 0.0, *weights]


def test_the_features_of_a_batch_are_those_by_hand(models, recordings):
    local = features_of(task_of(), recordings, models)
    assert local is not None
    expected = [features_by_hand(models, recordings, i) for i in range(len(recordings))]
    assert local.frame == FRAME
    assert {rows.shape[1] for rows in expected} == {local.width}
    assert np.all(np.concatenate(expected)[:, 3:7].any(axis=0))  # every unit occurs
    batches = StreamingBatches(recordings, 2, 64, seed=3, passes=1, local=local)
    received = [batch["local"] for batch in batches]
    for step, stream, recording in batches.visits():
        rows = expected[recording]
        steps = math.ceil(recordings.lengths[recording] / 64)
        parts = np.concatenate([received[step + n][stream] for n in range(steps)])
        np.testing.assert_allclose(parts[: len(rows)], rows, atol=1e-6)


def test_features_without_units_are_those_of_activity_alone(recordings, models):
    task = task_of(units=0)
    local = features_of(task, unreadable(recordings), None)
    assert local is not None
    for i in range(len(recordings)):
        np.testing.assert_allclose(
            local.features(i, recordings.read(i), np.arange(-(-recordings.lengths[i] // FRAME))),
            features_by_hand(models, recordings, i)[:, :3],
            atol=1e-6,
        )
    np.testing.assert_array_equal(local.silence(0), [0, 0, 0])


def test_the_features_of_silence(models, recordings):
    local = features_of(task_of(), recordings, models)
    assert local is not None
    for i, speaker in enumerate(recordings.speakers):
        silence = unit_features(models.unit_lms[speaker].silence_unit, math.nan, LOWEST_RMS_DB)
        np.testing.assert_array_equal(local.silence(i), [0, 0, 0, *silence])


def test_stored_units_are_those_by_hand(models, recordings):
    stored = open_units(models, recordings)
    for i in range(len(recordings)):
        expected = UnitSequence(*map(np.array, zip(*units_by_hand(models, recordings, i), strict=True)))
        units = stored.take(i, np.arange(len(expected.units)))
        np.testing.assert_array_equal(units.units, expected.units)
        np.testing.assert_allclose(units.pitch, expected.pitch, atol=1e-9)
        np.testing.assert_allclose(units.rms_db, expected.rms_db, atol=1e-9)


def test_units_are_fitted_once_and_then_loaded(models, recordings, folder):
    assert models.count == UNITS
    assert len(models.unit_lms) == len(SPEAKERS)
    again = fit_or_load(task_of(), unreadable(recordings), folder)
    assert again is not None
    equal(again, models)


def test_the_units_of_the_initial_voice_are_taken(models, recordings, tmp_path):
    task = task_of(init_from=str(tmp_path / "voice"))
    params = jax.jit(task.voice.sample_model.init)(jax.random.key(0))
    save_voice(PretrainedVoice(task.voice, params, unit_models=models), tmp_path / "voice")
    (tmp_path / "run").mkdir()
    taken = fit_or_load(task, unreadable(recordings), tmp_path / "run")
    assert taken is not None
    equal(taken, models)
    name = "units.safetensors"
    assert (tmp_path / "run" / name).read_bytes() == (tmp_path / "voice" / name).read_bytes()


def test_an_initial_voice_without_units_leaves_them_to_be_fitted(models, recordings, tmp_path):
    bare = dataclasses.replace(task_of().voice, units=0)
    params = jax.jit(bare.sample_model.init)(jax.random.key(0))
    save_voice(PretrainedVoice(bare, params), tmp_path / "voice")
    (tmp_path / "run").mkdir()
    task = task_of(init_from=str(tmp_path / "voice"))
    fitted = fit_or_load(task, recordings, tmp_path / "run")
    assert fitted is not None
    equal(fitted, models)


def test_a_voice_without_units_or_features_has_none(recordings, tmp_path):
    assert fit_or_load(task_of(units=0), unreadable(recordings), tmp_path) is None
    assert features_of(small("tones", SPEAKERS), unreadable(recordings), None) is None
    assert list(tmp_path.iterdir()) == []


def test_units_of_another_voice_in_the_folder_are_refused(recordings, folder, models):
    with pytest.raises(BabbleError, match=r"units\.safetensors: holds 4 units of 2 speakers where the voice"):
        fit_or_load(task_of(units=UNITS + 1), recordings, folder)


def test_a_data_set_without_activity_is_refused(recordings, models, tmp_path):
    silent = dataclasses.replace(recordings, active=None)
    for call in (
        lambda: fit_or_load(task_of(), silent, tmp_path),
        lambda: features_of(task_of(), silent, models),
    ):
        with pytest.raises(BabbleError, match=r"^tones: does not say where its recordings speak"):
            call()
    assert list(tmp_path.iterdir()) == []


def test_units_of_speakers_that_the_voice_does_not_tell_apart_are_refused(recordings, tmp_path):
    task = small("tones", (), by_activity=True, units=UNITS)
    with pytest.raises(BabbleError, match=r"^tones: has several speakers.*--by-speaker"):
        fit_or_load(task, recordings, tmp_path)
    assert list(tmp_path.iterdir()) == []
