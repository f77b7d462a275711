"""Recordings with a channel per speaker: real speech at known times comes back; what is no such thing is refused."""

import itertools
from pathlib import Path

import numpy as np
import pytest
import soundfile

from babble_jax.conversation.conversation import Conversation
from babble_jax.conversation.reading import inspect, read
from babble_jax.errors import BabbleError
from babble_jax.timing.events import Definitions, ipus, pool_ftos
from tests import real_speech
from tests.conversation import annotations

SECONDS = 27.0
STARTS = ({"ru_0749": 1.0, "ru_0449": 10.7, "ru_0412": 21.0}, {"ru_0325": 5.3, "ru_0793": 15.0})


@pytest.fixture(scope="module")
def dialogue() -> tuple[np.ndarray, list[np.ndarray]]:
    """[T, 2] float32, and the IPUs of each channel."""
    channels = [real_speech.mix_channel(starts, SECONDS, seed) for seed, starts in enumerate(STARTS)]
    return np.stack([audio for audio, _ in channels], axis=1), [true for _, true in channels]


def put(path: Path, audio: np.ndarray, rate: int = real_speech.RATE) -> Path:
    path.parent.mkdir(exist_ok=True)
    soundfile.write(path, audio, rate, format={".ogg": "OGG", ".flac": "FLAC"}.get(path.suffix, "WAV"))
    return path


def read_one(path: Path) -> Conversation:
    reading = read(path)
    assert reading.skipped == ()
    (conversation,) = reading.conversations
    return conversation


def test_real_speech_comes_back(tmp_path: Path, dialogue):
    audio, true = dialogue
    talk = read_one(put(tmp_path / "talk.wav", audio))
    assert (talk.id, talk.corpus, talk.unit, talk.speakers) == ("talk", tmp_path.name, "ipu", ("A", "B"))
    assert talk.windows.tolist() == [[0, SECONDS]]
    assert talk.time_resolution == 0
    units = ipus(talk, Definitions())
    for speaker in (0, 1):
        own = units.speaker == speaker
        edges = np.stack([units.onset[own], units.end[own]], axis=1)
        assert edges.shape == true[speaker].shape
        assert np.max(np.abs(edges - true[speaker])) < 0.07
        assert np.median(np.abs(edges - true[speaker])) < 0.03

    fto = pool_ftos([talk], "ipu", Definitions()).fto
    rows = sorted((start, end, speaker) for speaker in (0, 1) for start, end in true[speaker])
    expected = [b[0] - a[1] for a, b in itertools.pairwise(rows) if a[2] != b[2]]
    assert len(expected) == 4
    np.testing.assert_allclose(np.sort(fto), np.sort(expected), rtol=0, atol=0.1)


def test_containers_make_no_difference(tmp_path: Path, dialogue):
    first = dialogue[0][: 6 * real_speech.RATE]
    talk = read_one(put(tmp_path / "talk.flac", first))
    assert len(talk.onset)
    for name, tolerance in (("no-suffix", 0.001), ("talk.ogg", 0.03)):
        other = read_one(put(tmp_path / name, first))
        assert other.id == Path(name).stem
        np.testing.assert_allclose(other.onset, talk.onset, rtol=0, atol=tolerance)
        np.testing.assert_allclose(other.end, talk.end, rtol=0, atol=tolerance)


def test_other_rates_and_a_silent_speaker(tmp_path: Path, dialogue):
    audio = dialogue[0][: 6 * real_speech.RATE].copy()
    audio[:, 1] = 0
    (talk,) = inspect(put(tmp_path / "talk", np.repeat(audio, 3, axis=0), 3 * real_speech.RATE)).monologues
    assert talk.speakers == ("A", "B")
    assert set(talk.speaker.tolist()) == {0}
    assert np.abs(talk.onset[0] - dialogue[1][0][0, 0]) < 0.06
    assert talk.windows.tolist() == [[0, 6]]


def test_what_holds_no_channel_per_speaker_is_refused(tmp_path: Path):
    speech = real_speech.read_utterance("ru_0749")[: 2 * real_speech.RATE]
    noise = 0.001 * np.random.default_rng(0).standard_normal((len(speech), 2))
    louder = np.stack([speech, -0.5 * speech], axis=1) + noise
    refused = [
        (
            np.stack([speech, speech], axis=1),
            real_speech.RATE,
            r"channels A and B hold the same sound \(correlation 1\.00",
        ),
        (louder, real_speech.RATE, "hold the same sound"),
        (noise, real_speech.RATE, "no channel holds speech"),
        (np.zeros((1000, 2)), real_speech.RATE, "no channel holds speech"),
        (np.tile(noise[:1000], 15)[:, :27], real_speech.RATE, "27 channels"),
        (noise, 2000, "2000 samples a second"),
        (noise[:100], real_speech.RATE, "6.25 ms"),
    ]
    for audio, rate, reason in refused:
        path = put(tmp_path / "x.wav", audio, rate)
        with pytest.raises(BabbleError, match=f"^{path}: .*as channels; .*{reason}"):
            read(path)
    path = put(tmp_path / "x.wav", noise)
    data = path.read_bytes()
    path.write_bytes(data[:-100])
    with pytest.raises(BabbleError, match="truncated"):
        read(path)


def test_in_a_folder_recordings_are_listened_to_where_that_is_asked_for(tmp_path: Path, dialogue):
    put(tmp_path / "talk.wav", dialogue[0][: 6 * real_speech.RATE])
    with pytest.raises(
        BabbleError, match=r"holds recordings and no annotation; listen to them with --format channels"
    ):
        read(tmp_path)
    (tmp_path / "talk.rttm").write_text(annotations.rttm())
    put(tmp_path / "mono.wav", dialogue[0][: 6 * real_speech.RATE, 0])
    reading = read(tmp_path)
    assert [talk.unit for talk in reading.conversations] == ["utterance"]
    assert ["a recording; it is listened to where" in skip.reason for skip in reading.skipped] == [True, True]
    reading = read(tmp_path, format="channels")
    assert [talk.unit for talk in reading.conversations] == ["ipu"]
    assert [talk.id for talk in reading.monologues] == ["mono"]
    assert [(Path(skip.file).name, skip.reason[:11]) for skip in reading.skipped] == [
        ("talk.rttm", "no channels"),
    ]


def test_a_recording_for_each_speaker_is_joined_by_name(tmp_path: Path, dialogue):
    both = dialogue[0][: 10 * real_speech.RATE]
    talk = read_one(put(tmp_path / "talk.wav", both))
    for i, name in enumerate(("caller", "nurse")):
        put(tmp_path / "apart" / f"visit_{name}.wav", both[:, i])
    reading = read(tmp_path / "apart", format="channels")
    (joined,) = reading.conversations
    assert (joined.id, joined.speakers, reading.monologues) == ("visit", ("caller", "nurse"), ())
    assert joined.windows.tolist() == talk.windows.tolist()
    for speaker in (0, 1):
        for name in ("onset", "end"):
            own, other = (getattr(one, name)[one.speaker == speaker] for one in (joined, talk))
            np.testing.assert_allclose(own, other, rtol=0, atol=1e-9)
    with pytest.raises(
        BabbleError, match=r"caller.*fewer than two speakers.*one channel with several speakers"
    ):
        read(tmp_path / "apart/visit_caller.wav")


def test_progress_goes_to_standard_error(tmp_path: Path, dialogue, capsys: pytest.CaptureFixture):
    inspect(put(tmp_path / "talk.wav", dialogue[0][: 4 * real_speech.RATE]))
    output = capsys.readouterr()
    assert output.out == ""
    assert "listening to talk: 250/250 frames" in output.err
