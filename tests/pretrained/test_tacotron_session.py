"""A voice that speaks phones, in time: the suite of sessions; what it says, and when; from a folder, by name."""

import dataclasses
import json

import jax
import numpy as np
import pytest

from babble_jax.agent.voices.session_voice import SessionVoice
from babble_jax.errors import BabbleError
from babble_jax.pretrained.pretrained import load_voice, save_voice
from babble_jax.pretrained.session import open_session
from babble_jax.pretrained.speaking import speak, speak_blocks, speak_streams
from babble_jax.pretrained.synthesizer import save_synthesizer
from babble_jax.pretrained.tacotron_babbler import TacotronBabbler
from babble_jax.pretrained.tacotron_session import TacotronSession
from babble_jax.pretrained.tacotron_voice import join_voice, save_tacotron_voice
from babble_jax.pretrained.voices import load_any_voice, load_babbler
from babble_jax.timing.floor.state import BACKCHANNEL, TURN
from babble_jax.voice.babbler import stream_keys
from tests.command import done, refused
from tests.pretrained.phone_voice import build_phone_voice, build_synthesizer
from tests.tacotron.phonotactics.small_language import fit_small
from tests.voice.test_session import play
from tests.voice.vocoder import FRAME, RATE, build_vocoder

KEYS = jax.random.split(jax.random.key(0), 2)
SILENT = round(0.1 * RATE)


@pytest.fixture(scope="module")
def voice():
    return build_phone_voice()


def test_random_sequences_of_pushes_stops_branches_and_restores_equal_straight_runs(voice):
    for seed in range(3):
        play(lambda: TacotronSession(voice, KEYS[:1]), np.random.default_rng(seed))


@pytest.mark.slow
def test_many_random_sequences_equal_straight_runs(voice):
    for seed in range(100):
        play(lambda: TacotronSession(voice, KEYS[:1]), np.random.default_rng(seed), 20)


def test_streams_are_apart_sound_at_once_and_stop_in_time(voice):
    active = np.repeat([[0, 1, 0, 1], [1, 1, 0, 0]], [20, 120, 60, 20], axis=1)
    together = TacotronSession(voice, KEYS).step({"active": active}, active.shape[1] * FRAME)
    alone = TacotronSession(voice, KEYS[1:]).step({"active": active[1]}, active.shape[1] * FRAME)
    np.testing.assert_array_equal(alone[0], together[1])
    silent, speech, stopped, again = np.split(together[0], np.cumsum([20, 120, 60]) * FRAME)
    assert not silent.any()
    assert speech[: FRAME * 10].any(), "sound within 20 ms"
    assert stopped[: SILENT // 2].any()
    assert not stopped[SILENT:].any()
    assert again.any()


def test_a_stop_changes_the_mel_within_a_frame_of_20_ms(voice):
    session = TacotronSession(voice, KEYS[:1])
    session.step({"active": 1}, 400)
    going, stopped = (session.branch().step({"active": one}, 400)[0] for one in (1, 0))
    assert np.flatnonzero(going != stopped)[0] < 0.02 * RATE


def test_what_channels_cannot_have_is_refused_in_a_sentence(voice):
    session = TacotronSession(voice, KEYS[:1])
    for channels, message in (
        ({"active": 1, "unit": 3}, "does not know the channel unit; it takes active, short, until_end"),
        ({"short": 1}, "takes the channel active; push it"),
        ({"active": 2}, "holds other values than 0 and 1"),
        ({"active": "yes"}, "holds what is no number"),
        ({"active": np.ones(3)}, "give one, or an array that broadcasts"),
    ):
        with pytest.raises(BabbleError, match=message):
            session.step(channels, 64)
    with pytest.raises(BabbleError, match="has the speakers: ann, ben; not carl"):
        TacotronSession(voice, KEYS, speaker="carl")
    with pytest.raises(BabbleError, match="not woman: give one of them; the voice babblers has a speaker of"):
        TacotronSession(voice, KEYS, speaker="woman")
    with pytest.raises(BabbleError, match="has the languages: und; not de"):
        TacotronSession(voice, KEYS, language="de")


def test_parts_that_do_not_fit_are_refused_in_a_sentence(voice):
    other = dataclasses.replace(voice.vocoder.config.mel, bands=10)
    config = dataclasses.replace(voice.vocoder.config, mel=other)
    for parts, message in (
        (
            {"vocoder": dataclasses.replace(voice.vocoder, config=config)},
            "bands 12, and the vocoder takes 10",
        ),
        ({"synthesizer": build_synthesizer(symbols=("pau", "a"))}, "has no phone 'aa'"),
        ({"synthesizer": build_synthesizer(languages=("x", "y"))}, "phonotactics of und; .* languages x, y"),
        ({"phonotactics": {"a": fit_small(), "b": fit_small()}}, "has one language"),
        ({"phonotactics": {}}, "phonotactics of no language"),
    ):
        with pytest.raises(BabbleError, match=message):
            dataclasses.replace(voice, **parts)


def test_a_babbler_gives_streams_that_depend_on_their_keys_alone(voice):
    babbler, keys, counts = TacotronBabbler(voice, speaker="ben"), stream_keys(1, count=5), []
    spans = [(0.05, 0.15 + 0.02 * i) for i in range(5)]
    streams = babbler.babble(keys, [1000, 900, 10, 500, 1200], counts.append, spans)
    assert (babbler.name, babbler.speaker_name, babbler.takes_activity) == ("tiny/ben", "ben", True)
    assert sum(counts) == 3610
    assert [len(one) for one in streams] == [1000, 900, 10, 500, 1200]
    (alone,) = babbler.babble(keys[1:2], [1000], counts.append, spans[1:2])
    np.testing.assert_array_equal(alone[:900], streams[1])
    assert not streams[0][:200].any()
    assert streams[0][200:600].any()
    assert not streams[0][600 + SILENT :].any()


def test_speech_is_the_same_in_blocks_and_at_once(voice):
    at_once = speak_streams(voice, 0.3, 2, seed=4)
    assert at_once.shape == (2, 1200)
    np.testing.assert_array_equal(np.concatenate([*speak_blocks(voice, 0.3, 0.03, seed=4)]), at_once[0])
    assert not np.array_equal(speak(voice, 0.1, seed=4, speaker="ben"), at_once[0, :400])
    with pytest.raises(BabbleError, match="speaks phones and goes on from no prompt"):
        speak(voice, 0.1, prompt=np.ones(3, np.float32))
    sentence = (
        "speaks no phones and has no languages; leave the language ru out, and name .* speakers: woman, man"
    )
    with pytest.raises(BabbleError, match=sentence):
        speak("babblers", 0.1, language="ru")


def test_a_folder_of_the_three_parts_is_a_voice(voice, tmp_path):
    save_synthesizer(voice.synthesizer, tmp_path / "run" / "synthesizer")
    save_voice(voice.vocoder, tmp_path / "vocoder")
    fit_small().save(tmp_path / "words")
    parts = (tmp_path / "run", tmp_path / "vocoder", {"und": str(tmp_path / "words")})
    joined = join_voice(*parts, card={"temperature": 0.5, "licence": "free"})
    save_tacotron_voice(joined, tmp_path / "second")
    description = tmp_path / "second" / "voice.json"
    assert sorted(json.loads(description.read_text("utf-8"))["sha256"]) == [
        "phonotactics/und/manifest.json",
        "phonotactics/und/phonotactics.json",
        "phonotactics/und/words.xz",
        "synthesizer/synthesizer.json",
        "synthesizer/weights.safetensors",
        "vocoder/voice.json",
        "vocoder/weights.safetensors",
    ]
    again = load_any_voice(tmp_path / "second")
    assert (again.name, again.temperature, again.card["licence"]) == ("second", 0.5, "free")
    babbler = load_babbler(tmp_path / "second", language="und")
    assert babbler.settings["temperature"] == 0.5
    session = open_session(tmp_path / "second", seed=1)
    np.testing.assert_array_equal(
        session.step({"active": 1}, 80), open_session(again, speaker="ann", seed=1).step({"active": 1}, 80)
    )
    with pytest.raises(BabbleError, match="speaks phones, which is not asked for here"):
        load_voice(tmp_path / "second")
    weights = tmp_path / "second" / "vocoder" / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"x")
    with pytest.raises(BabbleError, match="is damaged, or belongs to another voice"):
        load_any_voice(tmp_path / "second")
    description.write_text('{"kind": "tacotron"}', "utf-8")
    with pytest.raises(BabbleError, match="no description of a voice that speaks phones"):
        load_any_voice(tmp_path / "second")


def test_phonotactics_that_ship_are_named_and_vocoders_without_mel_refused(voice, tmp_path):
    russian = build_vocoder()
    with pytest.raises(BabbleError, match="its vocoder takes no mel"):
        dataclasses.replace(voice, vocoder=load_voice("babblers"))
    save_voice(russian, tmp_path / "vocoder")
    save_synthesizer(voice.synthesizer, tmp_path / "synthesizer")
    with pytest.raises(BabbleError, match="which the phonotactics of ru draw"):
        join_voice(tmp_path / "synthesizer", tmp_path / "vocoder", {"ru": "ru"})


@pytest.mark.slow
def test_it_speaks_for_an_agent_at_once_and_steps_of_any_length_sound_alike(voice):
    agent, sounds = SessionVoice(voice, speaker="ben", seed=3), []
    for _ in range(10):
        agent.step(False, TURN, 80)
    begin = agent.state
    for step in (80, 40, 16):
        agent.state = begin
        sounds.append(np.concatenate([agent.step(True, TURN, step) for _ in range(1600 // step)]))
    for sound in sounds[1:]:
        np.testing.assert_array_equal(sound, sounds[0])
    assert np.abs(sounds[0][:20]).max() >= 1e-3, "sound within 5 ms"
    assert not agent.step(False, TURN, 1000)[SILENT:].any()
    assert agent.step(True, BACKCHANNEL, 800).any()


@pytest.mark.slow
def test_verbs_export_it_and_take_its_folder(voice, tmp_path, capsys):
    save_synthesizer(voice.synthesizer, tmp_path / "run" / "synthesizer")
    save_voice(voice.vocoder, tmp_path / "vocoder")
    fit_small().save(tmp_path / "words")
    second = tmp_path / "second"
    line = (
        f"export {tmp_path / 'run'} --vocoder {tmp_path / 'vocoder'} --phonotactics und={tmp_path / 'words'}"
    )
    assert "MB" in done(capsys, f"{line} --out {second} --source here --licence free").out
    assert [row["speaker"] for row in load_any_voice(second).card["active_levels"]] == ["ann", "ben"]
    options = f"--voice {second} --speaker ben --language und --seconds 0.2"
    assert "ben of the voice" in done(capsys, f"speak {options} --out {tmp_path / 'one.wav'}").out
    done(capsys, f"converse --voice {second} --seconds 4 --typical 1 --out {tmp_path / 'duet'} --yes")
    assert (tmp_path / "duet" / "dialogue.wav").is_file()
    assert "its vocoder" in refused(capsys, f"speak --voice {second} --copy {tmp_path / 'one.wav'}")
