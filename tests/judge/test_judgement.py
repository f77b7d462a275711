"""All measures of a recording."""

import dataclasses

from babble_jax.judge.judgement import MEASURES, judge
from tests.real_speech import RATE


def test_it_can_be_written_down(speech):
    values = dataclasses.asdict(judge(speech[: 5 * RATE], RATE))
    assert tuple(values) == MEASURES
    assert values["ltas_distance_db"] is None
