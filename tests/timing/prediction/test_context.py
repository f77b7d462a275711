"""Networks and the laws of the modes; models on disk; predictions that later data cannot move. Axes: N offsets."""

import dataclasses
import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import kstest, logistic

from babble_jax.conversation.conversation import Conversation
from babble_jax.errors import BabbleError
from babble_jax.timing.evaluation.prediction import ablation
from babble_jax.timing.events import Definitions, floor_transfers, ipus
from babble_jax.timing.prediction import context, shipped
from babble_jax.timing.prediction.context import VIEWS
from babble_jax.timing.prediction.context_model import ContextModel, HeadValues
from babble_jax.timing.prediction.covariates import COLUMNS, COVARIATES
from babble_jax.timing.prediction.history import histories, seen
from babble_jax.timing.prediction.model import SequentialCard, SequentialModel
from babble_jax.timing.prediction.network import Mixture
from babble_jax.timing.prediction.population import Corpus, Population
from babble_jax.timing.prediction.training import (
    INPUTS,
    NETWORK,
    Examples,
    Head,
    columns_of,
    examples,
    laws,
    train_heads,
)
from babble_jax.timing.preset import load_preset
from babble_jax.timing.splits import in_train

CARD = SequentialCard("simulated", 3, 100, 1, -0.5, 0.05, 0.01, 20)
SEQUENTIAL = SequentialModel(
    Population({"simulated": Corpus(0.1, 0.4)}, 0.1, 1.1, 0.1, 0.1, 0.15, 0.15), "ipu", Definitions(), CARD
)
MODES = list(VIEWS)


def drawn_head(seed: int) -> HeadValues:
    """A head with every input and random weights, so that its laws do depend on them."""
    columns = columns_of(tuple(COVARIATES))
    weights = NETWORK.init(jax.random.key(seed), jnp.zeros((1, len(columns))))
    draw = np.random.default_rng(seed)
    weights = jax.tree.map(lambda x: np.asarray(x) + draw.normal(0, 0.1, x.shape), weights)
    return HeadValues.of(Head(columns, np.zeros(len(columns)), np.ones(len(columns)), weights))


def model_of(mode: context.Mode) -> ContextModel:
    heads = {view: drawn_head(i) for i, view in enumerate(VIEWS[mode])}
    return ContextModel(mode, SEQUENTIAL, heads, CARD)


def inputs_of(mode: context.Mode, seed: int = 0) -> dict[str, np.ndarray]:
    draw = np.random.default_rng(seed)
    return {view: draw.normal(size=len(INPUTS)).astype(np.float32) for view in VIEWS[mode]}


def test_a_mixture_is_its_components():
    weight, loc, scale = np.array([0.2, 0.5, 0.3]), np.array([-0.5, 0.1, 1.0]), np.array([0.1, 0.3, 2.0])
    law = Mixture(jnp.log(weight), jnp.asarray(loc), jnp.asarray(scale))
    for y in (-20.0, -0.5, 0.0, 0.7, 20.0):
        density, above = logistic.pdf(y, loc, scale), logistic.sf(y, loc, scale)
        np.testing.assert_allclose(law.log_prob(y), np.log(weight @ density), rtol=1e-4)
        np.testing.assert_allclose(law.log_survival(y), np.log(weight @ above), rtol=1e-3, atol=1e-6)
    assert np.isfinite(jax.grad(law.log_prob)(20.0))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("earliest", [-0.3, 0.2])
def test_each_mode_is_a_law(mode, earliest):
    """Integrates to 1 from where it begins, to its cdf; and draws follow it."""
    model, inputs = model_of(mode), inputs_of(mode)
    grid = np.linspace(-60, 60, 120_001).astype(np.float32)
    many = {view: np.tile(x, (len(grid), 1)) for view, x in inputs.items()}
    bounds = np.full(len(grid), earliest, np.float32)
    density = np.exp(np.asarray(model.log_prob(many, grid, bounds), np.float64))
    begins = {"descriptive": earliest, "projected": earliest, "causal": -np.inf}[mode]
    density[grid < begins] = 0
    if mode != "descriptive" and earliest > 0:
        density[(grid >= 0) & (grid < earliest)] = 0
    cdf = np.asarray(model.cdf(many, grid, bounds), np.float64)
    trapezoid = np.append(0, np.cumsum(0.001 * (density[1:] + density[:-1]) / 2))
    np.testing.assert_allclose(cdf, trapezoid, atol=4e-3)
    assert trapezoid[-1] == pytest.approx(1, abs=4e-3)
    draws = model.sample(
        jax.random.key(0), {k: np.tile(x, (3000, 1)) for k, x in inputs.items()}, np.full(3000, earliest)
    )
    assert kstest(np.asarray(draws), lambda y: np.interp(y, grid, cdf)).pvalue > 0.01


def test_the_first_decision_does_not_know_the_second_view_or_the_earliest():
    model, inputs = model_of("causal"), inputs_of("causal")
    other = inputs | {"end": inputs_of("causal", 1)["end"]}
    for y in (-1.0, -0.01):
        assert model.log_prob(inputs, y, -2.0) == model.log_prob(other, y, -0.1)
        assert model.cdf(inputs, y, -2.0) == model.cdf(other, y, -0.1)
    assert model.log_prob(inputs, 0.3, -2.0) != model.log_prob(other, 0.3, -2.0)


@pytest.fixture(scope="module")
def dialogues() -> list[Conversation]:
    floor = load_preset("switchboard").floor
    assert floor is not None
    return [floor.sample(seed, 200.0) for seed in range(30)]


@pytest.mark.parametrize("fto_level", ["ipu", "turn"])
def test_later_data_cannot_move_a_prediction(dialogues, fto_level):
    """A live agent on a call whose later part is another call: each number it predicts is the same to the bit."""
    conversation, other = dialogues[0], dialogues[1]
    model, definitions = model_of("causal"), Definitions()
    past = histories(conversation, fto_level, definitions)
    units = ipus(conversation, definitions)
    found = floor_transfers(units, fto_level, definitions)
    row = np.flatnonzero(found.defined)
    assert len(row) > 12
    for i in range(2, len(row), len(row) // 6):
        holder = found.previous[row[i]]
        offline, online = {}, {}
        for view, moment in (("onset", units.onset[holder]), ("end", units.end[holder])):
            known = getattr(past, view).known[i]
            state = SEQUENTIAL.start()
            for y, side in zip(past.value[:known], past.side[:known], strict=True):
                state = SEQUENTIAL.update(state, y, side)
            offline[view] = model.inputs(state, past.side[i], getattr(past, view).covariates[i])

            kept, later = conversation.onset < moment, other.onset >= moment + 0.7
            changed = dataclasses.replace(
                conversation,
                **{
                    name: np.concatenate([getattr(conversation, name)[kept], getattr(other, name)[later]])
                    for name in ("speaker", "onset", "offset", "mark")
                },
            )
            running = changed.end > moment
            changed = dataclasses.replace(
                changed, end=np.where(running & (changed.onset < moment), moment + 0.37, changed.end)
            )
            again = floor_transfers(ipus(changed, definitions), fto_level, definitions)
            rows = np.flatnonzero(again.defined)[:known]
            earlier = list(zip(again.value[rows], again.speaker[rows], again.time[rows], strict=True))
            state = SEQUENTIAL.start()
            for y, side, _ in earlier:
                state = SEQUENTIAL.update(state, y, side)
            taker = int(past.side[i])
            columns = seen(changed, definitions, moment, int(units.speaker[holder]), taker, earlier)
            online[view] = model.inputs(state, taker, columns)
        for y in (-1.5, -0.2, 0.0, 0.3, 4.0):
            earliest = past.earliest[i]
            assert model.log_prob(offline, y, earliest) == model.log_prob(online, y, earliest)


@pytest.mark.slow
def test_a_head_learns_what_there_is_to_learn(dialogues):
    """Offsets made to lie 1 s apart by whether the taker spoke before: a network finds it, and only with that input."""
    data = examples(dialogues, "ipu", Definitions(), SEQUENTIAL.grid)
    column = INPUTS.index("log_ipu")
    long = data.inputs["over"][:, column] > np.median(data.inputs["over"][:, column])
    draw = np.random.default_rng(0)
    value = np.where(long, 1.0, 0.0) + 0.1 * draw.logistic(size=len(long))
    made = dataclasses.replace(data.sides, found=dataclasses.replace(data.sides.found, value=value))
    made = dataclasses.replace(data, sides=made, earliest=np.full(len(value), -1e3))
    held = ~made.sides.train

    def nats(covariates) -> float:
        heads = train_heads(made, "descriptive", columns_of(covariates, filter=False), epochs=40)
        law = laws(made, heads, held)
        y, least = (jnp.asarray(x[held], jnp.float32) for x in (value, made.earliest))
        return float(jnp.mean(context.log_prob("descriptive", law, y, least)))

    best = float(np.mean(logistic.logpdf(value - long, 0, 0.1)[held]))
    found = nats(["ipu_duration"])
    assert best - 0.3 < found < best + 0.05
    assert nats([]) < found - 0.2  # no input at all


@pytest.mark.slow  # nine networks to compile
def test_an_ablation_of_two_covariates(dialogues, monkeypatch):
    """Every figure is there, of the held-out offsets; what is kept is what pays beside all others."""
    data = examples(dialogues, "ipu", Definitions(), SEQUENTIAL.grid)
    monkeypatch.setattr(ablation, "COVARIATES", {name: COVARIATES[name] for name in ("ipu_duration", "time")})
    found = ablation.ablate(data, "causal", epochs=2)
    count = np.count_nonzero(~data.sides.train)
    assert set(found.worth) == {"ipu_duration", "time", "filter"}
    for one in found.worth.values():
        assert one.alone.offsets == one.beside_all.offsets == count
    for name in ("ipu_duration", "time"):
        assert found.worth[name].kept == (found.worth[name].beside_kept.value > 0)
    assert found.kept.value >= found.everything.value
    whole = found.everything.value - found.without_filter.value
    assert found.worth["filter"].beside_all.value == pytest.approx(whole, abs=1e-9)
    names = {name for name, one in found.worth.items() if one.kept}
    kept = columns_of([name for name in names if name != "filter"])
    assert found.heads["end"].columns == kept
    printed = found.to_json()
    assert "heads" not in printed
    json.dumps(printed, allow_nan=False)


def test_examples_keep_the_order_and_the_split(dialogues):
    data: Examples = examples(dialogues, "turn", Definitions(), SEQUENTIAL.grid)
    n = len(data.sides.found)
    assert data.inputs["onset"].shape == (n, len(INPUTS))
    assert len(COLUMNS) + 4 == len(INPUTS)
    train = np.array([in_train(dialogue.group) for dialogue in dialogues])[data.sides.found.conversation]
    np.testing.assert_array_equal(train, data.sides.train)
    assert np.isfinite(data.pooled).all()


def test_models_on_disk():
    model = model_of("causal")
    values = json.loads(json.dumps(model.to_json(), allow_nan=False))
    again = ContextModel.from_json(values)
    inputs = inputs_of("causal")
    assert again.log_prob(inputs, 0.2, -1.0) == model.log_prob(inputs, 0.2, -1.0)
    assert again.to_json() == values
    for broken, sentence in (
        ({"mode": "descriptive"}, "mode descriptive has the heads over"),
        ({"heads": {"onset": values["heads"]["onset"]}}, "mode causal has the heads onset, end"),
    ):
        with pytest.raises(BabbleError, match=sentence):
            ContextModel.from_json(values | broken)
    head = values["heads"]["end"]
    for broken, sentence in (
        ({"inputs": ["birds", *head["inputs"][1:]]}, "no input 'birds'"),
        ({"mean": head["mean"][1:]}, "one finite number for each input"),
        ({"deviation": [0.0, *head["deviation"][1:]]}, "deviations above 0"),
        ({"weights": {}}, "must have the shapes"),
    ):
        with pytest.raises(BabbleError, match=sentence):
            ContextModel.from_json(values | {"heads": values["heads"] | {"end": head | broken}})


@pytest.mark.parametrize("name", shipped.names())
def test_what_ships(name):
    """A context model per level, better than its own filter by its card, usable from the first offset on."""
    model = shipped.load(name)
    assert model.mode == "causal"
    assert model.card.gain > model.sequential.card.gain > 0.03
    state = model.sequential.update(model.sequential.start(), 0.2, 1)
    inputs = {view: model.inputs(state, 0, np.zeros(len(COLUMNS))) for view in VIEWS["causal"]}
    assert np.isfinite(float(model.log_prob(inputs, 0.2, -1.0)))


def test_there_is_one_for_each_level():
    assert shipped.names() == ["switchboard-ipu", "switchboard-turn"]
    with pytest.raises(BabbleError, match="no sequential model 'birds'"):
        shipped.load("birds")
