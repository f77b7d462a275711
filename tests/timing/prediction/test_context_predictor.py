"""Context predictors: predictions that later data cannot move, and files."""

import dataclasses
import json

import numpy as np
import pytest

from babble_jax.errors import BabbleError
from babble_jax.timing.events import Definitions, floor_transfers, ipus
from babble_jax.timing.prediction.context_predictor import ContextPredictor
from babble_jax.timing.prediction.history import build_histories, causal_covariates
from tests.timing.prediction.calls import simulate_calls
from tests.timing.prediction.predictors import (
    OFFSET_PREDICTOR,
    draw_context_predictor,
    draw_inputs,
)


@pytest.mark.parametrize("fto_level", ["ipu", "turn"])
def test_later_data_cannot_move_a_prediction(fto_level):
    """A live agent on a call whose later part is another call: each number it predicts is the same to the bit."""
    conversation, other = simulate_calls(2)
    predictor, definitions = draw_context_predictor("causal"), Definitions()
    past = build_histories(conversation, fto_level, definitions)
    units = ipus(conversation, definitions)
    transfers = floor_transfers(units, fto_level, definitions)
    row = np.flatnonzero(transfers.defined)
    assert len(row) > 12
    for i in range(2, len(row), len(row) // 6):
        holder = transfers.previous[row[i]]
        offline, online = {}, {}
        for view, moment in (("onset", units.onset[holder]), ("end", units.end[holder])):
            count = getattr(past, view).history_length[i]
            state = OFFSET_PREDICTOR.initial_state()
            for fto, speaker in zip(past.fto[:count], past.speaker[:count], strict=True):
                state = OFFSET_PREDICTOR.update(state, fto, speaker)
            offline[view] = predictor.inputs(state, past.speaker[i], getattr(past, view).covariates[i])

            before, after = conversation.onset < moment, other.onset >= moment + 0.7
            changed = dataclasses.replace(
                conversation,
                **{
                    name: np.concatenate([getattr(conversation, name)[before], getattr(other, name)[after]])
                    for name in ("speaker", "onset", "end", "mark")
                },
            )
            running = changed.end > moment
            changed = dataclasses.replace(
                changed, end=np.where(running & (changed.onset < moment), moment + 0.37, changed.end)
            )
            again = floor_transfers(ipus(changed, definitions), fto_level, definitions)
            rows = np.flatnonzero(again.defined)[:count]
            earlier = list(zip(again.fto[rows], again.speaker[rows], again.time[rows], strict=True))
            state = OFFSET_PREDICTOR.initial_state()
            for fto, speaker, _ in earlier:
                state = OFFSET_PREDICTOR.update(state, fto, speaker)
            taker = int(past.speaker[i])
            columns = causal_covariates(
                changed, definitions, moment, int(units.speaker[holder]), taker, earlier
            )
            online[view] = predictor.inputs(state, taker, columns)
        for fto in (-1.5, -0.2, 0.0, 0.3, 4.0):
            earliest = past.earliest[i]
            assert predictor.log_prob(offline, fto, earliest) == predictor.log_prob(online, fto, earliest)


def test_predictors_on_disk():
    predictor = draw_context_predictor("causal")
    values = json.loads(json.dumps(predictor.to_json(), allow_nan=False))
    again = ContextPredictor.from_json(values)
    inputs = draw_inputs("causal")
    assert again.log_prob(inputs, 0.2, -1.0) == predictor.log_prob(inputs, 0.2, -1.0)
    assert again.to_json() == values
    for broken, sentence in (
        ({"mode": "descriptive"}, "mode descriptive has the heads over"),
        ({"heads": {"onset": values["heads"]["onset"]}}, "mode causal has the heads onset, end"),
    ):
        with pytest.raises(BabbleError, match=sentence):
            ContextPredictor.from_json(values | broken)
    head = values["heads"]["end"]
    for broken, sentence in (
        ({"inputs": ["birds", *head["inputs"][1:]]}, "no input 'birds'"),
        ({"mean": head["mean"][1:]}, "one finite number for each input"),
        ({"deviation": [0.0, *head["deviation"][1:]]}, "deviations above 0"),
        ({"weights": {}}, "must have the shapes"),
    ):
        with pytest.raises(BabbleError, match=sentence):
            ContextPredictor.from_json(values | {"heads": values["heads"] | {"end": head | broken}})
