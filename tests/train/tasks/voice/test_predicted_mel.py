"""The mel that a model predicts of recordings from their labels, in place of the true one, to the frame."""

import types

import jax
import numpy as np
import pytest

from babble_jax.audio import mel_spectrogram, wave
from babble_jax.audio.mel_spectrogram import LOWEST, mel_config
from babble_jax.dataset.recordings import build_from_folders
from babble_jax.dataset.source import open_dataset
from babble_jax.errors import BabbleError
from babble_jax.pretrained.pretrained import load_voice
from babble_jax.pretrained.synthesizer import PretrainedSynthesizer, save_synthesizer
from babble_jax.tacotron.config import InputConfig, SynthesisConfig
from babble_jax.tacotron.inputs import make_inputs
from babble_jax.tacotron.synthesizer import Synthesizer
from babble_jax.train.config import LogConfig
from babble_jax.train.tasks.voice.conditioning import batch_conditioning
from babble_jax.train.tasks.voice.config import VoiceTrainConfig
from babble_jax.train.tasks.voice.predicted_mel import find_source, open_predicted_mel
from babble_jax.train.training import train_voice
from babble_jax.voice.models.samplernn import SampleRNNConfig
from tests.dataset.labelled.folders import PHONES, festival
from tests.small_run import small
from tests.tacotron import tiny

MEL = mel_config(16_000)
FRAME = 40
SHAPE = SampleRNNConfig(frame_sizes=(FRAME, 8), dim=8, embedding=4, hidden=1, expand_top=True, reset="after")


def test_a_recording_is_found_by_its_samples():
    rng = np.random.default_rng(0)
    sources = [rng.integers(-99, 100, 500).astype(np.int16) for _ in range(3)]
    sounds = types.SimpleNamespace(sources=sources, samples=sources.__getitem__)
    assert find_source(sources[1][20:300], sounds, 2) == (1, 20)
    padded = np.concatenate([np.zeros(30, np.int16), sources[2][:200], np.zeros(9, np.int16)])
    assert find_source(padded, sounds, 0) == (2, -30)
    for other in (np.zeros(40, np.int16), sources[0][:200] + np.int16(1)):
        assert find_source(other, sounds, 0)[0] == -1


def test_the_folders_go_together_and_with_mel():
    for options in (
        {"synthesizer": "a"},
        {"labelled": "a", "mel": True},
        {"synthesizer": "a", "labelled": "b"},
    ):
        with pytest.raises(ValueError, match="folders that go together, and with mel"):
            VoiceTrainConfig(model=SHAPE, subsequence=400, **options)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A Festival voice, a data set of it with other edges, and a model with random weights."""
    root = tmp_path_factory.mktemp("predicted")
    festival(root / "voice", count=8)
    build_from_folders(root / "voice" / "wav", root / "dataset", 16_000, pad=0.103)
    config = SynthesisConfig(InputConfig(("pau", "a", "n")), tiny.TACOTRON2, MEL)
    shapes = jax.eval_shape(Synthesizer(config).init, jax.random.key(0))
    rng = np.random.default_rng(0)
    params = jax.tree.map(lambda x: rng.normal(0, 0.3, x.shape).astype(np.float32), shapes)
    save_synthesizer(PretrainedSynthesizer(config, params, {}), root / "model")
    return root, config, params


@pytest.mark.slow
def test_frames_are_those_that_the_model_predicts_in_the_time_of_the_recording(folder):
    root, config, params = folder
    recordings = open_dataset(root / "dataset", "train")
    audio = wave.read(root / "voice" / "wav" / "i_00.wav", 16_000)[0]
    opened = open_predicted_mel(str(root / "model"), str(root / "voice"), recordings, MEL, None)
    samples = wave.read_sound(root / "voice" / "wav" / "i_00.wav", 16_000).audio
    pcm = np.round(samples * 32768)
    number, offset = next(
        (i, int(position) - int(np.flatnonzero(recordings.read(i))[0]))
        for i in range(len(recordings))
        for position in np.flatnonzero(pcm == recordings.read(i)[np.flatnonzero(recordings.read(i))[0]])
        if np.array_equal(pcm[position : position + 500], np.trim_zeros(recordings.read(i), "f")[:500])
    )
    assert offset % MEL.hop  # the frames of the recording lie between those of the file
    true = mel_spectrogram.normalize(mel_spectrogram.log_mel(audio, MEL), MEL)
    length = -(-len(true) // 2) * 2
    lowest = (LOWEST - MEL.center) / MEL.spread
    frames = np.pad(true, ((0, length - len(true)), (0, 0)), constant_values=lowest)
    key = jax.random.fold_in(jax.random.fold_in(jax.random.key(0), 0), 0)
    inputs = make_inputs(config.inputs, [[name for name, _, _ in PHONES]])
    output = jax.jit(Synthesizer(config).apply)(params, inputs, frames[None], np.array([length]), key[None])
    expected = mel_spectrogram.denormalize(np.asarray(output.refined[0, : len(true)]), MEL)
    stored = opened.frames(number)
    first = -(-max(0, -offset) // MEL.hop)  # a row within the file
    at = round((stored.onset * 16_000 + first * MEL.hop + offset) / MEL.hop)
    count = min(stored.count - first, len(true) - at)
    assert count > 40
    np.testing.assert_allclose(
        stored.read(np.arange(first, first + count)), expected[at : at + count], atol=1e-4
    )
    assert np.all(stored.read(np.arange(0, first - 1)) == np.float32(LOWEST))
    # The voice is told them at the middles of its top frames, in the time of the file.
    task = small(
        root / "dataset",
        model=SHAPE,
        subsequence=400,
        mel=True,
        synthesizer=str(root / "model"),
        labelled=str(root / "voice"),
    )
    voice = VoiceTrainConfig.voice(task.config, type(task.properties)(16_000))
    local = batch_conditioning(task.config, voice, recordings, None)
    assert local is not None
    index = np.arange(60, 200)
    rows = local.features(number, recordings.read(number), index)
    seconds = (index + 0.5) * FRAME / 16_000 + offset / 16_000
    normal = mel_spectrogram.normalize(expected, MEL)
    wanted = np.stack([np.interp(seconds, np.arange(len(true)) / 100, band) for band in normal.T], 1)
    np.testing.assert_allclose(rows, wanted, atol=1e-4)
    # They are stored, and a selection reads its own.
    again = open_predicted_mel(str(root / "model"), str(root / "voice"), recordings, MEL, None)
    one = open_predicted_mel(str(root / "model"), str(root / "voice"), recordings.select([number]), MEL, None)
    for other in (again.frames(number), one.frames(0)):
        np.testing.assert_array_equal(other.read(np.arange(5)), stored.read(np.arange(5)))


@pytest.mark.slow
def test_training_takes_them(folder, tmp_path):
    root, _, _ = folder
    options = {"model": SHAPE, "batch_size": 4, "subsequence": 400, "mel": True}
    folders = {"synthesizer": root / "model", "labelled": root / "voice"}
    log = LogConfig(evaluate_every=0, evaluate_recordings=1, audio_seconds=0)
    report = train_voice(str(root / "dataset"), tmp_path / "run", 2, log=log, **options, **folders)
    assert load_voice(report.voice).card["synthesizer"] == "model"
    assert list((root / "dataset").glob("babble-predicted-mel-train-*.safetensors"))
    folders["labelled"] = festival(tmp_path / "other", count=2, seconds=0.75)
    with pytest.raises(BabbleError, match="is in none of its recordings; name the folder"):
        train_voice(str(root / "dataset"), tmp_path / "two", 2, log=log, **options, **folders)
