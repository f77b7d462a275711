"""Features of a data set: measured once, equal to those of each recording as a whole, made again where need be."""

import dataclasses
import multiprocessing
import os
import shutil

import numpy as np
import pytest

from babble_jax.audio import resampling, wave
from babble_jax.audio.level import rms_db
from babble_jax.audio.pcm import from_int16, to_int16
from babble_jax.audio.pitch import f0_contour
from babble_jax.audio.units import cepstra
from babble_jax.dataset import features
from babble_jax.dataset.building import build_dataset
from babble_jax.dataset.source import Recordings, open_dataset
from tests.real_speech import read_utterance

RATE = 16_000
FILE = "babble-features-train-16000.safetensors"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A data set of four utterances of real speech."""
    folder = tmp_path_factory.mktemp("features")
    for name in ("ru_0749", "ru_0325", "ru_0712", "ru_0793"):
        (folder / "speech").mkdir(exist_ok=True)
        wave.write(folder / "speech" / f"{name}.wav", read_utterance(name)[: 2 * RATE], RATE)
    build_dataset(folder / "speech", folder / "data")
    return folder / "data"


@pytest.fixture
def data(built, tmp_path):
    """A copy of the data set, which has nothing stored beside it."""
    return shutil.copytree(built, tmp_path / "data")


def count_reads(recordings, reads):
    """The same recordings, which list what is read."""

    def read(i):
        reads.append(i)
        return recordings.read_samples(i)

    return dataclasses.replace(recordings, read_samples=read)


def measure(samples, rate):
    audio = from_int16(samples)
    return {"f0": f0_contour(audio, rate), "rms_db": rms_db(audio, rate), "cepstra": cepstra(audio, rate)}


def check(stored, recordings):
    for i in range(len(recordings)):
        for name, values in measure(recordings.read(i), recordings.sample_rate).items():
            part = stored.read(name, i, 0, len(values))
            assert part.dtype == values.dtype
            np.testing.assert_array_equal(part, values)
            np.testing.assert_array_equal(stored.read(name, i, 20, 31), values[20:31])


def test_they_are_measured_once_and_equal_to_those_of_whole_recordings(data, capsys):
    reads = []
    recordings = count_reads(open_dataset(data), reads)
    stored = features.open_features(recordings)
    assert reads == list(range(len(recordings)))
    assert "measuring pitch and level" in capsys.readouterr().err
    check(stored, recordings)
    reads.clear()
    check(features.open_features(count_reads(open_dataset(data), reads)), open_dataset(data))
    assert reads == []
    assert capsys.readouterr().err == ""


def test_a_selection_reads_the_features_of_its_own_recordings(data):
    recordings = open_dataset(data)
    selection = recordings.select([1, 0, 1]).select([2, 1])
    check(features.open_features(selection), selection)


def test_a_copy_of_the_data_set_needs_no_new_ones(data, tmp_path, capsys):
    features.open_features(open_dataset(data))
    shutil.copytree(data, tmp_path / "copy")
    capsys.readouterr()
    features.open_features(open_dataset(tmp_path / "copy"))
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("damage", ["byte", "end", "version", "recordings"])
def test_a_damaged_or_stale_file_is_made_again(data, damage, capsys, monkeypatch):
    features.open_features(open_dataset(data))
    content = (data / FILE).read_bytes()
    if damage == "byte":
        (data / FILE).write_bytes(content[:-3] + bytes([content[-3] ^ 1]) + content[-2:])
    elif damage == "end":
        (data / FILE).write_bytes(content[:-3])
    elif damage == "version":
        monkeypatch.setattr(features, "ANALYSIS_VERSION", features.ANALYSIS_VERSION + 1)
    recordings = open_dataset(data)
    capsys.readouterr()
    if damage == "recordings":
        assert features.fingerprint_features(recordings) != features.fingerprint_features(
            open_dataset(data, "test")
        )
        recordings = dataclasses.replace(
            recordings,
            read_samples=lambda i: np.ones(recordings.lengths[i], np.int16),
            fingerprint="of other recordings",
        )
    stored = features.open_features(recordings)
    reason = (
        "is damaged" if damage in ("byte", "end") else "belongs to other recordings or to another version"
    )
    first = capsys.readouterr().err.splitlines()[0]
    assert first.startswith(f"{data / FILE}: {reason}")
    assert first.endswith("; it is made again.")
    check(stored, recordings)


def test_where_the_data_set_may_not_be_written_they_lie_in_the_folder_of_the_run(
    data, tmp_path, capsys, monkeypatch
):
    monkeypatch.setattr(
        os, "access", lambda path, mode: mode != os.W_OK or not str(path).startswith(str(data))
    )
    run = tmp_path / "run"
    run.mkdir()
    recordings = open_dataset(data)
    check(features.open_features(recordings, run), recordings)
    assert (run / FILE).is_file()
    assert not (data / FILE).exists()
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == (
        f"{data}: the folder may not be written; what is measured on its recordings is stored in {run}."
    )
    features.open_features(open_dataset(data), run)
    assert capsys.readouterr().err == ""
    check(features.open_features(open_dataset(data)), recordings)  # without a run: in a temporary folder
    assert "is not stored." in capsys.readouterr().err


def test_recordings_in_memory_are_measured_for_themselves(tmp_path):
    draws = np.random.default_rng(0)
    samples = [to_int16(0.1 * draws.normal(size=n)) for n in (4000, 9000)]
    recordings = Recordings(
        np.array([4000, 9000]), np.zeros(2, np.int32), ("one",), 8000, 1.0, samples.__getitem__
    )
    check(features.open_features(recordings, tmp_path), recordings)
    assert list(tmp_path.iterdir()) == []


def _measure_in_process(data, barrier, measured):
    original = features._measure_all

    def count(recordings, writer):
        with measured.get_lock():
            measured.value += 1
        original(recordings, writer)

    features._measure_all = count
    recordings = open_dataset(data)
    barrier.wait()
    features.open_features(recordings)


@pytest.mark.slow
def test_of_processes_that_need_it_at_once_one_makes_it(data, capsys):
    context = multiprocessing.get_context("spawn")
    barrier, measured = context.Barrier(3), context.Value("i", 0)
    processes = [
        context.Process(target=_measure_in_process, args=(data, barrier, measured)) for _ in range(3)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert measured.value == 1
    assert not list(data.glob(".*.lock"))
    assert [path.name for path in data.iterdir() if "features-train" in path.name] == [FILE]
    capsys.readouterr()
    recordings = open_dataset(data)
    check(features.open_features(recordings), recordings)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("rate", [16_000, 11_025])
def test_pieces_of_a_long_recording_agree_with_the_whole(rate):
    speech = np.concatenate([read_utterance(name) for name in ("ru_0749", "ru_0325", "ru_0712", "ru_0793")])
    samples = to_int16(resampling.resample(speech, 16_000, rate))
    pieces = list(features.list_pieces(len(samples), rate, seconds=4, margin=2))
    assert len(pieces) == 5
    assert [piece.first for piece in pieces] == [0, 400, 800, 1200, 1600]
    assert sum(piece.frames for piece in pieces) == len(f0_contour(from_int16(samples), rate))
    parts = zip(*(features.measure_piece(samples, rate, piece) for piece in pieces), strict=True)
    f0, level, coefficients = map(np.concatenate, parts)
    expected = measure(samples, rate)
    np.testing.assert_array_equal(f0, expected["f0"])
    np.testing.assert_allclose(level, expected["rms_db"], atol=1e-9)
    np.testing.assert_allclose(coefficients, expected["cepstra"], atol=1e-3)  # dB


def test_a_recording_of_five_minutes_is_one_piece():
    assert list(features.list_pieces(300 * RATE, RATE)) == [features.Piece(0, 300 * RATE, 0, 0, 30_000)]
    assert len(list(features.list_pieces(300 * RATE + 1, RATE))) == 2
