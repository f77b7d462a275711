"""Pieces and batches of made recordings: what stands in them, whatever the number of the batch."""

import numpy as np
import pytest
import soundfile

from babble_jax.audio import mel_spectrogram
from babble_jax.dataset.labelled.cutting import find_cuts
from babble_jax.dataset.labelled.reading import read_labelled
from babble_jax.tacotron.config import F0, LEVEL, LOG_DURATION
from babble_jax.tacotron.measured_prosody import Contours, measure_phones
from babble_jax.train.tasks.tacotron.batches import PieceBatches
from babble_jax.train.tasks.tacotron.pieces import cut_recording, name_folders
from babble_jax.train.tasks.tacotron.sounds import Sounds
from tests.dataset.labelled.folders import festival
from tests.tacotron import tiny


@pytest.fixture(scope="module")
def recordings(tmp_path_factory):
    return read_labelled(festival(tmp_path_factory.mktemp("speech") / "voice", count=5)).labelled


def pieces_and_batches(recordings, longest=6.0, prosody=None, **options):
    config = tiny.train_config("", by_prosody=prosody is not None).synthesis(("pau", "a", "n"))
    pieces = [
        piece
        for i, one in enumerate(recordings)
        for piece in cut_recording(i, one, config, longest, prosody, (0, 0))
    ]
    return config, pieces, PieceBatches(pieces, Sounds(recordings, config.mel), config, 4, **options)


def test_a_batch_holds_pieces_with_their_phones_ends_and_frames(recordings):
    config, pieces, batches = pieces_and_batches(recordings, guide=lambda number: number + 0.5)
    batch = batches.make(0)
    assert batch["guide"].tolist() == [0.5] * 4
    for row, number in enumerate(batch["number"]):
        piece = pieces[number]
        audio, _ = soundfile.read(recordings[piece.recording].path, dtype="float32")
        frames = mel_spectrogram.normalize(mel_spectrogram.log_mel(audio, config.mel), config.mel)
        count = batch["lengths"][row]
        assert count == 82, "81 frames, and one more for a multiple of two"
        np.testing.assert_allclose(batch["frames"][row, :81], frames, atol=1e-4)
        np.testing.assert_allclose(batch["frames"][row, 81], (np.log(1e-5) + 5) / 2.5, atol=1e-6)
        assert batch["phones"][row].tolist() == [0, 1, 2, 1, 0]
        np.testing.assert_allclose(batch["ends"][row], [20, 35, 45, 60, 82], atol=1e-4)


def test_batches_depend_on_their_number_alone_and_a_pass_holds_each_piece_once(recordings):
    batches = pieces_and_batches(recordings * 4)[2]
    first = [batches.plan(number).tolist() for number in range(10)]
    again = [pieces_and_batches(recordings * 4)[2].plan(number).tolist() for number in (7, 2)]
    assert again == [first[7], first[2]]
    assert batches.per_pass == 5
    assert sorted(np.concatenate(first[:5])) == list(range(20))
    assert first[:5] != first[5:]
    streams = [batch["number"][batch["lengths"] > 0].tolist() for batch in batches.evaluation()]
    assert sorted(np.concatenate(streams)) == list(range(20))


def test_the_alignment_is_forced_in_ever_fewer_utterances(recordings):
    batches = pieces_and_batches(recordings, forced=lambda number: 1 - number / 4)[2]
    forced = [batches.make(number)["forced"] for number in range(5)]
    assert forced[0].tolist() == [1] * 4
    assert forced[4].tolist() == [0] * 4
    assert {*np.concatenate(forced[1:4]).tolist()} == {0.0, 1.0}
    again = pieces_and_batches(recordings, forced=lambda number: 1 - number / 4)[2].make(2)["forced"]
    assert again.tolist() == forced[2].tolist()
    assert "forced" not in pieces_and_batches(recordings)[2].make(0)


def test_recordings_are_cut_in_silences(recordings):
    recording = recordings[0]
    assert find_cuts(("a", "pau", "a"), np.array([0, 2, 3.0]), np.array([2, 3, 5.0]), 5.0, 3.0) == [2.5]
    assert find_cuts(("a", "pau", "a"), np.array([0, 2, 2.05]), np.array([2, 2.05, 5.0]), 5.0, 3.0) == []
    config = tiny.train_config("", by_prosody=False).synthesis(("pau", "a", "n"))
    assert cut_recording(0, recording, config, 0.5) == [], "no silence within reach"
    with_prosody = tiny.train_config("", by_prosody=True).synthesis(("pau", "a", "n"))
    values = {name: np.arange(5.0) for name in (LOG_DURATION, F0, LEVEL)}
    (piece,) = cut_recording(3, recording, with_prosody, 6.0, values, (1, 2))
    assert (piece.recording, piece.language, piece.speaker) == (3, 1, 2)
    assert piece.prosody is not None
    np.testing.assert_allclose(piece.prosody[:, 1], np.arange(5))
    np.testing.assert_allclose(np.exp(piece.prosody[:, 0]), [0.2, 0.15, 0.1, 0.15, 0.21], atol=1e-6)


def test_folders_are_languages_and_speakers():
    assert name_folders("ru/ann/one.wav", True, True) == ("ru", "ann")
    assert name_folders("ann/one.wav", False, True) == ("", "ann")
    assert name_folders("one.wav", True, True) == ("", "")


def test_prosody_of_phones_is_relative_to_speaker_and_utterance():
    f0 = np.concatenate([np.full(20, np.nan), np.full(20, 200.0), np.full(20, 100.0)])
    level = np.concatenate([np.full(20, -60.0), np.full(20, -10.0), np.full(20, -30.0)])
    onset, end = np.array([0, 0.2, 0.4]), np.array([0.2, 0.4, 0.6])
    values = measure_phones(Contours(f0, level), onset, end, [True, False, False], 100.0)
    np.testing.assert_allclose(values[F0], [0, 1, 0])
    np.testing.assert_allclose(values[LEVEL], [-4, 1, -1])
    np.testing.assert_allclose(np.exp(values[LOG_DURATION]), 0.2, rtol=1e-6)
