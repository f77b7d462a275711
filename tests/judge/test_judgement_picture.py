"""The picture of judgements: a PNG, whatever values are absent."""

import dataclasses

from matplotlib.image import imread

from babble_jax.judge.judgement import judge
from babble_jax.judge.judgement_picture import plot_judgements
from babble_jax.judge.reference import load_reference
from tests.judge.signals import NOISE
from tests.real_speech import RATE


def test_judgements_become_a_picture(tmp_path):
    one = judge(NOISE[: 3 * RATE], RATE)
    assert one.f0_median_hz is None
    judgements = {"a": one, "b": dataclasses.replace(one, f0_median_hz=120.0, ltas_distance_db=3.0)}
    plot_judgements(tmp_path / "judged.png", judgements, load_reference("festvox-ru"))
    picture = imread(tmp_path / "judged.png")
    assert picture.shape[:2] == (550, 1210)
    assert picture[..., :3].std() > 0.05
