"""A new speaker of a voice: its recordings, its row, its units, and the voice that is released."""

import dataclasses
import shutil

import jax
import numpy as np
import pytest
import soundfile

from babble_jax.audio.level import active_level_db
from babble_jax.audio.pcm import from_int16
from babble_jax.audio.pitch import f0_contour
from babble_jax.dataset.source import open_dataset
from babble_jax.errors import BabbleError, StoppedError
from babble_jax.pretrained.pretrained import load_voice, save_voice
from babble_jax.train.tasks.voice.adaptation import recordings
from babble_jax.train.tasks.voice.adaptation.adapting import (
    CONSENT_UNKNOWN,
    adapt_voice,
    adaptation_task,
)
from babble_jax.train.tasks.voice.adaptation.recordings import prepare_recordings, voice_level_db
from babble_jax.train.tasks.voice.adaptation.speaker import (
    fit_new_codebook,
    make_new_speaker,
    select_speakers,
)
from babble_jax.train.tasks.voice.task import VoiceTask
from babble_jax.voice.conditioning.stream_features import conditioning, single_utterance
from babble_jax.voice.models.rnn import RNNConfig
from babble_jax.voice.models.samplernn import SampleRNNConfig
from babble_jax.voice.models.wavenet import WaveNetConfig
from babble_jax.voice.speak import generate_audio
from tests.voice.unit_voice import RATE, build_unit_voice, draw_params
from tests.voice.vocoder import build_vocoder


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """Folder of a tiny voice of ann and ben."""
    folder = tmp_path_factory.mktemp("base") / "pair"
    card = {"source": "two books", "licence": "CC BY 4.0", "steps": 7}
    card["kind"] = {"ann": "speech", "ben": "singing"}
    save_voice(dataclasses.replace(build_unit_voice(), card=card), folder, half=True)
    (folder / "NOTICE").write_text("Read by Ann and Ben.\n")
    return folder


@pytest.fixture(scope="module")
def sounds(tmp_path_factory):
    """Folder of three soft recordings of a new speaker, cleo, with pauses; one of them lies deeper."""
    folder = tmp_path_factory.mktemp("sounds") / "cleo"
    (folder / "more").mkdir(parents=True)
    time = np.arange(3 * RATE) / RATE
    for i in range(3):
        tone = sum(np.sin(2 * np.pi * (110 + 20 * i) * k * time) / k for k in (1, 2, 3))
        sound = 0.004 * tone * (np.sin(2 * np.pi * 0.7 * time) > -0.6)
        soundfile.write(folder / ("more" if i else "") / f"{i}.wav", sound, RATE, "FLOAT")
    return folder


@pytest.fixture(autouse=True)
def _few_seconds(monkeypatch):
    monkeypatch.setattr(recordings, "LEAST_SPEECH", 4.0)


MODELS = {
    "samplernn": SampleRNNConfig(frame_sizes=(8, 2), dim=12, embedding=6, hidden=1, expand_top=True),
    "rnn": RNNConfig(dim=12, embedding=6, hop=8),
    "wavenet": WaveNetConfig(stacks=1, layers=2, channels=8, skip=10, hop=8),
}


@pytest.mark.parametrize("name", MODELS)
def test_the_row_of_a_speaker_is_taken_from_every_table(name):
    config = build_unit_voice(MODELS[name]).config
    params = draw_params(config, np.random.default_rng(0))
    tables = 0
    for speaker in range(2):
        selected = select_speakers(params, config, [speaker])
        for (path, x), (_, y) in zip(
            *map(jax.tree_util.tree_leaves_with_path, (params, selected)), strict=True
        ):
            if jax.tree_util.keystr(path, simple=True, separator="/").endswith("speaker"):
                tables += 1
                np.testing.assert_array_equal(y, x[speaker : speaker + 1])
            else:
                np.testing.assert_array_equal(y, x)
    assert tables >= 2  # one of each speaker at least


def test_recordings_become_one_speaker_at_the_level_of_the_voice(base, sounds, tmp_path):
    voice = load_voice(base)
    assert voice.unit_models is not None
    speech = prepare_recordings([sounds], voice, "cleo", tmp_path)
    splits = [open_dataset(speech.dataset, split) for split in ("train", "validation", "test")]
    assert {one.speaker_names for one in splits} == {("cleo",)}
    assert all(one.sample_rate == RATE for one in splits)
    assert speech.seconds > 4
    audio = np.concatenate([from_int16(one.read(i)) for one in splits for i in range(len(one))])
    level = active_level_db(audio, RATE)
    # To the level of the voice's recordings, unless the peak would pass that of the voice.
    assert level == pytest.approx(voice_level_db(voice.unit_models), abs=0.5) or np.abs(
        audio
    ).max() == pytest.approx(0.9 / voice.config.gain, abs=0.02)
    assert speech.gain_db > 10
    assert (speech.files, speech.pieces) == (3, {"train": 1, "validation": 1, "test": 1})
    again = prepare_recordings([sounds], voice, "cleo", tmp_path)
    assert again == dataclasses.replace(speech, notes=())
    with pytest.raises(BabbleError, match=r"was made of other recordings, .*name a new folder"):
        prepare_recordings([sounds / "more"], voice, "cleo", tmp_path)


def test_pitch_and_units_are_relative_to_the_new_speaker_alone(base, sounds, tmp_path):
    old = load_voice(base)
    speech = prepare_recordings([sounds], old, "cleo", tmp_path)
    task = adaptation_task(old, speech, tmp_path, 1e-3, 0)
    train = task.recordings("train")
    assert old.unit_models is not None
    codebook = fit_new_codebook(old.unit_models, train)
    np.testing.assert_array_equal(codebook.centroids, old.unit_models.codebook.centroids)
    audio = [from_int16(train.read(i)) for i in range(len(train))]
    f0 = np.concatenate([f0_contour(one, RATE) for one in audio])
    median = float(np.nanmedian(f0))
    assert codebook.median_f0 == pytest.approx([median], rel=1e-5)
    assert abs(np.log2(median / old.unit_models.codebook.median_f0)).min() > 0.1  # of ann and ben
    pitch = np.concatenate([codebook.encode_recording(one, RATE).pitch for one in audio])
    assert np.nanmedian(pitch) == pytest.approx(0, abs=1e-6)


@pytest.mark.slow
def test_before_any_update_it_is_the_nearest_speaker_of_the_voice(base, sounds, tmp_path):
    old = load_voice(base)
    speech = prepare_recordings([sounds], old, "cleo", tmp_path)
    task = adaptation_task(old, speech, tmp_path, 1e-3, 0)
    speaker = make_new_speaker(old, task, 8)
    new = speaker.voice
    assert {*speaker.bits} == {"ann", "ben"}
    assert list(speaker.bits.values()) == sorted(speaker.bits.values())
    index = old.config.speakers.index(next(iter(speaker.bits)))
    jax.tree.map(np.testing.assert_array_equal, new.params, select_speakers(old.params, old.config, [index]))
    assert new.config == dataclasses.replace(old.config, speakers=("cleo",), bandwidth=new.config.bandwidth)
    assert new.unit_models is not None
    assert old.unit_models is not None
    assert new.unit_models.unit_lms[0].silence_unit == old.unit_models.unit_lms[index].silence_unit
    np.testing.assert_array_equal(new.unit_models.codebook.centroids, old.unit_models.codebook.centroids)
    old, new = (
        dataclasses.replace(one, config=dataclasses.replace(one.config, bandwidth=())) for one in (old, new)
    )
    keys, sound = jax.random.split(jax.random.key(1), 1), []
    for voice, number in ((old, index), (new, 0)):
        local = conditioning(old, [single_utterance(0.3)], keys, np.array([index]))
        sound.append(generate_audio(voice, keys, 1200, speaker=np.array([number]), local=local))
    np.testing.assert_array_equal(*sound)


@pytest.mark.slow
def test_what_was_stopped_goes_on_to_the_same_voice(base, sounds, tmp_path, monkeypatch):
    options = {"voice": base, "steps": 4, "consent": "Cleo, to be heard here", "learning_rate": 1e-2}
    options["language"] = "fr"
    unbroken = adapt_voice(sounds, tmp_path / "unbroken", **options)
    assert unbroken.step in range(5)
    assert unbroken.bits <= min(unbroken.nearest_bits.values()) + 1e-3
    card = load_voice(tmp_path / "unbroken").card
    assert card == unbroken.card
    assert card["adapted_from"] == {
        "voice": "pair",
        "speaker": next(iter(unbroken.nearest_bits)),
        "source": "two books",
        "licence": "CC BY 4.0",
        "steps": 7,
    }
    nearest = next(iter(unbroken.nearest_bits))
    assert (card["kind"], card["language"]) == ({"ann": "speech", "ben": "singing"}[nearest], "fr")
    assert "Read by Ann and Ben." in (tmp_path / "unbroken" / "NOTICE").read_text()
    export = VoiceTask.export

    def stop(self, params, folder, step, evaluation):
        export(self, params, folder, step, evaluation)
        if step == 2:
            raise StoppedError("killed", 15)

    with monkeypatch.context() as patched:
        patched.setattr(VoiceTask, "export", stop)
        with pytest.raises(StoppedError):
            adapt_voice(sounds, tmp_path / "parts", **options)
    assert not (tmp_path / "parts").exists()
    with pytest.raises(
        BabbleError, match=rf"unbroken: is finished \({unbroken.bits:.3f} bits .*name another folder"
    ):
        adapt_voice(sounds, tmp_path / "unbroken", **options)
    parts = adapt_voice(sounds, tmp_path / "parts", **options)
    assert parts.step == unbroken.step
    for name in ("weights.safetensors", "units.safetensors"):
        assert (tmp_path / "parts" / name).read_bytes() == (tmp_path / "unbroken" / name).read_bytes()
    assert parts.card == unbroken.card
    assert parts.card["consent"] == "Cleo, to be heard here"
    # Where nothing gains, the parameters before any update are released; the card asks for consent.
    worse = adapt_voice(sounds, tmp_path / "worse", voice=base, steps=1, learning_rate=1.0, kind="humming")
    assert worse.step == 0
    assert worse.card["kind"] == "humming"
    assert "language" not in worse.card
    assert worse.card["consent"] == CONSENT_UNKNOWN
    start, new = load_voice(tmp_path / "worse-work" / "start"), load_voice(tmp_path / "worse")
    jax.tree.map(np.testing.assert_array_equal, new.params, start.params)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"steps": 1, "minutes": 1.0}, "Both minutes and steps are given"),
        ({"minutes": 0.0}, r"minutes is 0; choose from 0.01 to 1440"),
        ({"steps": 0}, "steps is 0; choose from 1"),
        ({"learning_rate": 0.0}, "learning_rate is 0; choose from above 0"),
        ({"consent": " "}, "consent is empty"),
        ({"kind": ""}, "kind is empty"),
        ({"language": "the French"}, "language the French is no BCP 47 tag"),
        ({"seed": -1}, "seed"),
        ({"speaker": "a/b"}, "'a/b' is no name of a speaker"),
        ({"speaker": ".a"}, "begin with a full stop"),
    ],
)
def test_values_out_of_their_range_are_refused(base, sounds, tmp_path, options, message):
    with pytest.raises(BabbleError, match=message):
        adapt_voice(sounds, tmp_path / "mine", voice=base, **options)
    assert not any(tmp_path.iterdir())


def test_recordings_and_voices_that_cannot_be_adapted_are_refused(base, sounds, tmp_path, monkeypatch):
    with pytest.raises(BabbleError, match="No recordings are named"):
        adapt_voice([], tmp_path / "mine", voice=base)
    with pytest.raises(BabbleError, match=r"nowhere: there is no such folder or file"):
        adapt_voice("nowhere", tmp_path / "mine", voice=base)
    (tmp_path / "texts").mkdir()
    with pytest.raises(BabbleError, match=r"texts: holds no sound file; name recordings"):
        adapt_voice(tmp_path / "texts", tmp_path / "mine", voice=base)
    shutil.copyfile(sounds / "0.wav", tmp_path / "texts" / "0.wav")
    (tmp_path / "texts" / "1.wav").write_bytes(b"RIFF")
    with pytest.raises(
        BabbleError, match=r"there are 2\.\d s of speech; give 4 s or more; 1 file cannot be used.*1\.wav"
    ):
        adapt_voice(tmp_path / "texts", tmp_path / "mine", voice=base)
    with pytest.raises(BabbleError, match=r"texts: holds other files than a voice; choose a new folder"):
        adapt_voice(sounds, tmp_path / "texts", voice=base)
    save_voice(build_vocoder(), tmp_path / "vocoder")
    with pytest.raises(BabbleError, match="is a vocoder"):
        adapt_voice(sounds, tmp_path / "mine", voice=tmp_path / "vocoder")
    other = build_unit_voice()
    params = jax.tree.map(lambda x: x[:, :1] if x.ndim > 1 else x, other.params)
    with pytest.raises(BabbleError, match="has no rows of speakers"):
        select_speakers(params, other.config, [0])
    assert not (tmp_path / "mine").exists()
