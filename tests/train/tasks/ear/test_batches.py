"""Pieces hold their own labels; batches are a function of their number, in few shapes, and hold every piece."""

import numpy as np
import pytest

from babble_jax.dataset.labelled.recording import Labels
from babble_jax.ear.config import EarConfig
from babble_jax.ear.features import features
from babble_jax.train.tasks.ear.batches import SHAPES, EarBatches, stretch_frames
from babble_jax.train.tasks.ear.equalizing import equalize_bands
from babble_jax.train.tasks.ear.noising import add_noise
from babble_jax.train.tasks.ear.pieces import EarPiece, cut_recording
from babble_jax.train.tasks.ear.warping import warp_bands, warp_frequency

EAR = EarConfig(("pau", "a", "n"), bands=2, dim=8, recurrent=8)
LABELS = Labels(
    ("pau", "a", "n", "pau", "n", "a", "pau"),
    np.array([0, 0.2, 0.5, 0.8, 1.2, 1.5, 1.8]),
    np.array([0.2, 0.5, 0.8, 1.2, 1.5, 1.8, 2.0]),
)


class Store:
    """Features of recordings whose first band is the number of the recording and whose second is that of the frame."""

    def __init__(self, frames):
        self.frames = np.array(frames)

    def read(self, i, first=0, stop=None):
        at = np.arange(first, min(self.frames[i], self.frames[i] if stop is None else stop))
        return np.stack([np.full(len(at), i), at], 1).astype(np.float16)


def make(seconds=(0.8, 1.0, 1.3, 2.5, 2.6, 3.0, 3.3, 4.0, 4.1), tempo=0.0, size=2, **options):
    frames = [round(100 * one) for one in seconds]
    pieces = [EarPiece(i, 0, count, np.array([1, 2], np.int32)) for i, count in enumerate(frames)]
    return EarBatches(pieces, Store(frames), EAR, size, seed=3, tempo=tempo, **options), pieces


def test_a_recording_is_cut_in_its_silence_with_the_labels_of_each_piece():
    one, two = cut_recording(7, LABELS, 201, EAR, 1.2)
    assert (one.first, one.frames, two.first, two.frames) == (0, 100, 100, 101)
    assert one.ids.tolist() == [0, 1, 2, 0]
    assert two.ids.tolist() == [0, 2, 1, 0]
    np.testing.assert_allclose(one.end, [0.2, 0.5, 0.8, 1.0])
    np.testing.assert_allclose(two.onset, [0, 0.2, 0.5, 0.8])
    (every,) = cut_recording(7, LABELS, 201, EAR, 0)
    assert every.ids.tolist() == [0, 1, 2, 0, 2, 1, 0]


def test_the_target_of_a_step_is_the_symbol_at_its_middle():
    (piece,) = cut_recording(0, LABELS, 201, EAR, 0)
    targets = piece.frame_targets(EAR, 101)
    middles = EAR.step_centers(101)
    for middle, target in zip(middles, targets, strict=True):
        inside = (piece.onset <= middle) & (middle < piece.end)
        assert target == (piece.ids[inside][0] if inside.any() else -1)
    slow = piece.frame_targets(EAR, 202, stretch=2.0)
    assert np.mean(slow[1:200:2] == targets[:100]) > 0.93
    assert (EarPiece(0, 0, 9, piece.ids).frame_targets(EAR, 5) == -1).all()


def test_a_string_with_repetitions_needs_steps_between_them():
    piece = EarPiece(0, 0, 9, np.array([1, 1, 2], np.int32))
    assert piece.fits(4)
    assert not piece.fits(3)


@pytest.mark.parametrize("tempo", [0.0, 0.2])
def test_batches_are_a_function_of_their_number_in_few_shapes(tempo):
    batches, pieces = make(tempo=tempo)
    again, _ = make(tempo=tempo)
    shapes, seen = set(), []
    for number in [*range(3 * batches.per_pass)][::-1]:  # in any order
        batch = batches.make(number)
        other = again.make(number)
        for name, x in batch.items():
            np.testing.assert_array_equal(x, other[name])
        shapes.add(batch["features"].shape)
        assert batch["targets"].shape[1] == EAR.count_steps(batch["features"].shape[1])
        for row, length in zip(batch["features"], batch["lengths"], strict=True):
            i = int(row[0, 0])
            assert abs(length / pieces[i].frames - 1) <= tempo + 0.01
            assert (row[length:] == 0).all()
            seen.append(i)
    assert len(shapes) <= SHAPES
    assert {*seen} == {*range(len(pieces))}  # what is left over in a pass comes in another one
    assert len({*seen[: 2 * batches.per_pass]}) == 2 * batches.per_pass


def test_an_evaluation_holds_every_piece_once_and_an_empty_stream_counts_nothing():
    batches, pieces = make(size=4)
    groups = batches.evaluation()
    assert sorted(i for group in groups for i in group) == [*range(len(pieces))]
    last = batches.gather(groups[-1])
    assert last["lengths"].tolist() == [410, 0, 0, 0]
    assert last["id_counts"].tolist() == [2, 0, 0, 0]


def test_fewer_pieces_than_streams_make_one_batch():
    batches, _ = make((1.0, 2.0), size=5)
    assert batches.per_pass == 1
    assert sorted({*batches.make(0)["features"][:, 0, 0].astype(int)}) == [0, 1]


def test_stretching_is_linear_in_time():
    x = np.stack([np.arange(100), -np.arange(100)], 1).astype(np.float32)
    slow = stretch_frames(x, 2.0)
    assert slow.shape == (200, 2)
    np.testing.assert_allclose(slow[:199, 0], np.arange(199) / 2)
    np.testing.assert_allclose(stretch_frames(x, 0.8)[:, 1], -np.arange(80) * 1.25)


def test_the_map_of_frequencies_by_hand():
    """At 16 kHz the boundary is 4800 Hz: below it a product, above it a line to 8000 Hz."""
    down = warp_frequency(np.array([0.0, 1000.0, 4363.636364, 6181.818182, 8000.0]), 1.1, 16_000)
    np.testing.assert_allclose(down, [0, 1100, 4800, 6400, 8000], rtol=1e-6)
    up = warp_frequency(np.array([0.0, 1000.0, 4800.0, 6400.0, 8000.0]), 0.9, 16_000)
    np.testing.assert_allclose(up, [0, 900, 4320, 6160, 8000], rtol=1e-6)


def test_a_warped_band_is_read_between_its_neighbours():
    """Three bands up to 2000 Hz, where mel is linear to 1000 Hz: their centres are at 5.6, 11.3 and 16.9 mel."""
    mel = np.array([1, 2, 3]) * (15 + np.log(2) / (np.log(6.4) / 27)) / 4
    centres = np.where(mel < 15, mel * 200 / 3, 1000 * 6.4 ** ((mel - 15) / 27))
    target = 0.8 * centres[:2]  # both below the boundary of 1200 Hz
    values = np.array([[10.0, 20.0, 40.0]], np.float32)
    warped = warp_bands(values, 0.8, 4000)
    share = (target[1] - centres[0]) / (centres[1] - centres[0])
    # the first band would lie below the first centre
    np.testing.assert_allclose(warped[0, :2], [10, 10 + 10 * share], rtol=1e-5)
    assert warp_bands(values, 1.0, 4000) is values


def test_a_curve_by_hand():
    """Of five places over nine bands: each second band is half-way between two of them."""
    values = np.full((2, 9), -50, np.float16)
    values[1, 4] = -99
    curve = equalize_bands(values, np.array([0.0, 4, -2, 0, 8]))
    assert curve[0].tolist() == [-50, -48, -46, -49, -52, -51, -50, -46, -42]
    assert curve[1, 4] == -100
    assert curve.dtype == np.float16
    assert equalize_bands(values, np.zeros(5)) is values


def test_noise_on_features_is_noise_on_the_sound():
    """Of tones whose level changes: the mean of each band, of even noise and of one that follows the level."""
    config, rng = EarConfig(("a",)), np.random.default_rng(1)
    rate, seconds = config.sample_rate, 8
    time = np.arange(seconds * rate) / rate
    level = np.where(time % 2 < 1.2, 0.1, 0.003)
    sound = (level * sum(np.sin(2 * np.pi * hz * time) for hz in (220, 900, 2600))).astype(np.float32)
    clean = features(sound, config)
    loud = np.sort(np.square(sound).reshape(-1, rate // 100).mean(1))[-seconds * 50 :].mean()
    for even, power in ((True, loud), (False, 1.5 * level**2)):
        noisy = sound + np.sqrt(power / 100) * rng.normal(size=len(sound)).astype(np.float32)
        ours, real = add_noise(clean, 20.0, even, 0.4, config), features(noisy.astype(np.float32), config)
        assert ours.shape == clean.shape
        for frames in (slice(20, 100), slice(130, 190)):
            np.testing.assert_allclose(
                10 * np.log10((10 ** (ours[frames] / 10)).mean(0)),
                10 * np.log10((10 ** (real[frames] / 10)).mean(0)),
                atol=2.0,
            )
            assert np.abs((ours - real)[frames].mean()) < 0.4
    assert add_noise(clean.astype(np.float16), 20.0, True, 0.0, config).dtype == np.float16


def test_a_warp_a_curve_and_noise_change_the_features_and_nothing_else():
    seconds = (0.8, 1.0, 1.3, 2.0, 2.1, 2.4, 2.5, 2.6, 3.0)  # of which the features are dB that have a power
    plain, warped, equalized, noisy = (
        make(seconds, tempo=0.1, **options)[0]
        for options in ({}, {"warp": 0.1}, {"equalize": 3.0}, {"noise": 10.0})
    )
    factors = np.concatenate([warped.plan(number)[1].warp for number in range(warped.per_pass)])
    assert 0.9 <= factors.min() < 0.95 < 1.04 < factors.max() <= 1.1
    assert 1.5 < np.concatenate([equalized.plan(i)[1].gains for i in range(4)]).std() < 4.5
    one = plain.make(2)
    noises = [noise for number in range(noisy.per_pass) if (noise := noisy.plan(number)[1].noise) is not None]
    assert len(noises) == noisy.per_pass
    ratios = np.concatenate(noises)[:, 0]
    assert 10 <= ratios.min() < 20 < 40 < ratios.max() < 50
    for other in (warped.make(2), equalized.make(2), noisy.make(2)):
        assert all((one[name] == other[name]).all() for name in one if name != "features")
        assert (one["features"] != other["features"]).any()
    for number in range(plain.per_pass):
        assert (plain.plan(number)[1].warp == 1).all()
        assert (plain.plan(number)[1].gains == 0).all()
