"""When FTOs are certain."""

import numpy as np
import pytest

from babble_jax.timing.events import Definitions, floor_transfers, ipus
from babble_jax.timing.prediction.certainty import certainty_time
from tests.timing.prediction.conversations import talk


@pytest.mark.parametrize(
    ("fto_level", "expected"),
    [
        # B's word is certain to be an IPU 0.25 s after its onset; then A's has been over for `merge`.
        ("ipu", [2.55, 5.45]),
        # B's word is too long for a backchannel from 3.3 s on, A's from 6.2 s; both wait until speech is certain.
        ("turn", [3.55, 6.45]),
    ],
)
def test_by_hand(fto_level, expected):
    """A speaks 0 to 2, B 2.3 to 5, A again from 5.2 to 7."""
    definitions = Definitions()
    units = ipus(talk([(0, 0.0, 2.0, 0), (1, 2.3, 5.0, 0), (0, 5.2, 7.0, 0)]), definitions)
    transfers = floor_transfers(units, fto_level, definitions)
    row = np.flatnonzero(transfers.defined)
    time = certainty_time(units, row, transfers.previous[row], fto_level, definitions)
    np.testing.assert_allclose(time, expected)
