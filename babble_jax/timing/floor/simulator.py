"""The floor as competing hazards: fitted on conversations of any number of speakers, drawn by the thousand hours.

Axes: N IPUs, K groups of hazards, D dialogues. Times are seconds, float64.

Each speaker alternates between silence and IPUs. How likely each is to begin or to end one in a frame depends on
how long they and the others have been on or off, on the kind of the IPUs (turn or backchannel), on who has the
floor and how it came to them, and on effects of the person and the pair. Gaps, overlaps and everything else
emerge; none of them is drawn.

References: Jaffe & Feldstein, Rhythms of Dialogue (1970), for dialogue as two coupled on-off processes; Prentice et
al., Biometrics 34 (1978), for competing hazards.
"""

import dataclasses
import functools
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from babble_jax import config
from babble_jax.conversation.conversation import Conversation, Mark
from babble_jax.timing.events import Definitions, summary
from babble_jax.timing.floor import effects, hazards
from babble_jax.timing.floor.exposure import Exposure, exposure
from babble_jax.timing.floor.sampler import Tables, draw
from babble_jax.timing.floor.state import CELLS, FRAME, SHAPE, Limits

BURN_IN = 60.0
"""Seconds that a dialogue runs before it counts: it begins in a silence that nobody planned."""


@dataclasses.dataclass(frozen=True)
class SimulatorCard:
    """Where a simulator comes from.

    Attributes:
      corpus: names of the corpora.
      conversations: how many it was fitted on.
      hours: of them.
      speakers: the number of speakers in most of them.
      heldout_nats: log-likelihood per second of held-out conversations, of one that was fitted on the others;
        None where it was not scored.
    """

    corpus: str
    conversations: int
    hours: float
    speakers: int
    heldout_nats: float | None = None


@dataclasses.dataclass(frozen=True)
class Layer:
    """One layer of the network of hazards: kernel [in][out] and bias [out]."""

    kernel: list[list[float]]
    bias: list[float]


@dataclasses.dataclass(frozen=True)
class FloorSimulator:
    """Hazards of beginning and ending IPUs, and how people differ in them.

    Attributes:
      card: where it comes from.
      definitions: of the events; their limits are kept by every dialogue drawn.
      layers: of `hazards.network`.
      own: [K][K] covariance of a speaker's effects, in the order of `effects.GROUPS`.
      shared: [K][K] cross-covariance of the effects of two speakers of one dialogue.
    """

    card: SimulatorCard
    definitions: Definitions
    layers: list[Layer]
    own: list[list[float]]
    shared: list[list[float]]

    def __post_init__(self):
        k = len(effects.GROUPS)
        sizes = [sum(SHAPE) + 2, *(len(layer.bias) for layer in self.layers)]
        if not self.layers or sizes[-1] != 2:
            raise ValueError("the network has at least one layer, and its last one has 2 outputs")
        for i, layer in enumerate(self.layers):
            if [len(layer.kernel), {len(row) for row in layer.kernel}] != [sizes[i], {sizes[i + 1]}]:
                raise ValueError(f"layer {i} must have {sizes[i]} inputs and {sizes[i + 1]} outputs")
            if not np.isfinite([*layer.bias, *(v for row in layer.kernel for v in row)]).all():
                raise ValueError(f"layer {i} has weights that are no finite numbers")
        for name in ("own", "shared"):
            rows = getattr(self, name)
            if len(rows) != k or any(len(row) != k for row in rows) or not np.isfinite(rows).all():
                raise ValueError(f"{name} must be a covariance of {k} by {k} finite numbers")

    @functools.cached_property
    def log_hazard(self) -> np.ndarray:
        """[C, 2] float32 log-hazards per frame of every cell, without effects."""
        return hazards.log_hazards(params_of(self.layers), np.arange(CELLS))

    def tables(self, speakers: int) -> Tables:
        """What the sampler looks up."""
        covariance = effects.joint(np.array(self.own), np.array(self.shared), speakers)
        value, vector = np.linalg.eigh(covariance)
        return Tables(
            jnp.asarray(self.log_hazard),
            jnp.asarray(effects.groups(np.arange(CELLS))),
            jnp.asarray(vector * np.sqrt(np.maximum(value, 0)), jnp.float32),
        )

    def draw(
        self, seed: int, numbers: Sequence[int] | np.ndarray, seconds: float, speakers: int = 2
    ) -> list[Conversation]:
        """Dialogues by their numbers within a seed, each observed for `seconds` after the burn-in.

        A dialogue does not depend on what is drawn beside it. IPUs that run across an edge of the window are cut
        there by `events.ipus`.
        """
        frames = int(np.ceil((BURN_IN + seconds) / FRAME))
        found = draw(
            jax.random.wrap_key_data(
                jnp.array([seed >> 32, seed & 0xFFFFFFFF], jnp.uint32)
            ),  # of 64 bits, anywhere
            np.asarray(numbers),
            frames,
            speakers,
            self.tables(speakers),
            Limits.of(self.definitions),
        )
        names = tuple(chr(ord("A") + s) if s < 26 else f"S{s}" for s in range(speakers))
        return [
            Conversation(
                id=f"floor-{seed}-{number}",
                corpus=f"simulated from {self.card.corpus}",
                speakers=names,
                speaker=who[late],
                onset=np.maximum(np.round(onset[late] - BURN_IN, 9), 0.0),
                offset=np.minimum(np.round(offset[late] - BURN_IN, 9), seconds),
                mark=np.full(int(late.sum()), Mark.SPEECH, np.uint8),
                unit="ipu",
                language=None,
                group=f"floor-{seed}-{number}",
                windows=np.array([[0.0, seconds]]),
            )
            for number, (onset, offset, who) in zip(numbers, found, strict=True)
            for late in [(offset > BURN_IN) & (onset < BURN_IN + seconds)]
        ]

    def log_likelihood(self, conversations: Sequence[Conversation]) -> np.ndarray:
        """[D] nats: of each conversation, its effects integrated out."""
        return likelihood(
            exposure(conversations, self.definitions),
            self.log_hazard,
            np.array(self.own),
            np.array(self.shared),
        )

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; exact."""
        return config.to_json(self)

    @classmethod
    def from_json(cls, values: dict[str, Any], source: str = "floor simulator") -> "FloorSimulator":
        """The simulator that `to_json` gave; `source` names it in errors."""
        return config.from_json(cls, values, source)


def params_of(layers: Sequence[Layer]) -> hazards.Params:
    """The network's parameters as arrays."""
    return {
        f"layer_{i}": {"kernel": np.array(layer.kernel, np.float32), "bias": np.array(layer.bias, np.float32)}
        for i, layer in enumerate(layers)
    }


def fixed_likelihood(rows: Exposure, log_hazard: np.ndarray) -> np.ndarray:
    """[D] nats of each dialogue, for speakers without effects: log(1 - exp(-hazard)) and the share for an event,
    -hazard for a frame without one.
    """
    value = log_hazard[rows.cell].astype(np.float64)
    total = np.exp(value).sum(axis=1)
    events = np.stack([rows.events[:, 0] + rows.events[:, 2], rows.events[:, 1]], axis=1)
    number = events.sum(axis=1)
    nats = np.sum(events * (value - np.log(total)[:, None]), axis=1)
    nats += number * np.log(-np.expm1(-total)) - (rows.frames - number) * total
    return np.bincount(rows.dialogue[rows.person], nats, len(rows.seconds))


def likelihood(rows: Exposure, log_hazard: np.ndarray, own: np.ndarray, shared: np.ndarray) -> np.ndarray:
    """[D] nats of each dialogue with the speakers' effects integrated out."""
    found = effects.counts(rows, log_hazard[rows.cell])
    return fixed_likelihood(rows, log_hazard) + effects.posterior(found, own, shared)[0].log_marginal


def fit_hazards(
    rows: Exposure, *, steps: int = 1500, rounds: int = 6, used: tuple[bool, ...] = (True,) * 8, seed: int = 0
) -> tuple[hazards.Params, np.ndarray, np.ndarray]:
    """The network and the covariances `own` and `shared`, each fitted given the other in turn.

    Args:
      rows: of the conversations to fit.
      steps: of the network's first fit, for which everybody is the same.
      rounds: of covariances and network. Half-way all of the network is fitted again, with a third of the
        steps; in the other rounds its last layer is. 0 for no effects.
      used: see `hazards.features`.
      seed: of the network's initial weights.
    """
    k = len(effects.GROUPS)
    own, shared = 0.1 * np.eye(k), np.zeros((k, k))
    events = np.stack([rows.events[:, 0] + rows.events[:, 2], rows.events[:, 1]], axis=1)
    half = rows.frames - events.sum(axis=1) / 2
    cells, at = np.unique(rows.cell, return_inverse=True)
    happened = np.stack([np.bincount(at, events[:, i], len(cells)) for i in (0, 1)], axis=1)
    exposed = np.repeat(np.bincount(at, half, len(cells))[:, None], 2, axis=1)
    group = effects.groups(rows.cell)
    params = hazards.fit_network(cells, happened, exposed, hazards.initial(seed), steps=steps, used=used)
    known = None
    for turn in range(rounds):
        found = effects.counts(rows, hazards.log_hazards(params, cells, used)[at])
        known, own, shared = effects.fit_covariances(found, own, shared, known)
        # The mean effect belongs to the hazards; left to EM, it would get there in a hundred rounds.
        centred = known.mean - known.mean.mean(axis=0)
        known = dataclasses.replace(known, mean=centred)
        weight = np.exp(centred + known.variance / 2)[rows.person[:, None], group]
        exposed = np.stack([np.bincount(at, half * weight[:, i], len(cells)) for i in (0, 1)], axis=1)
        if turn == rounds // 2 - 1:
            params = hazards.fit_network(
                cells, happened, exposed, params, steps=steps // 3, rate=1e-3, used=used
            )
        else:
            params = hazards.polish(cells, happened, exposed, params, used=used)
    return params, own, shared


def fit_simulator(
    conversations: Sequence[Conversation], definitions: Definitions | None = None, *, steps: int = 1500
) -> FloorSimulator:
    """Fits the floor of conversations of any numbers of speakers."""
    definitions = definitions or Definitions()
    rows = exposure(conversations, definitions)
    params, own, shared = fit_hazards(rows, steps=steps)
    numbers = [len(c.speakers) for c in conversations]
    card = SimulatorCard(
        corpus=" + ".join(dict.fromkeys(c.corpus for c in conversations)),
        conversations=len(conversations),
        hours=float(rows.seconds.sum() / 3600),
        speakers=max(set(numbers), key=numbers.count),
    )
    layers = [Layer(_short(layer["kernel"]), _short(layer["bias"])) for _, layer in sorted(params.items())]
    simulator = FloorSimulator(card, definitions, layers, _short(own), _short(shared))
    usual = [c for c, number in zip(conversations, numbers, strict=True) if number == card.speakers]
    return _with_backchannels(simulator, summary(usual, definitions)["per_minute"]["backchannel"])


def _with_backchannels(simulator: FloorSimulator, rate: float) -> FloorSimulator:
    """With as many backchannels per minute, by their definition, as the corpus has.

    Kinds are told in hindsight, which the hazards cannot know: some of the turns drawn turn out to be backchannels
    and the reverse. What is too much of them is taken out of the rate at which they begin.
    """
    for seed in range(_TRIALS):
        drawn = simulator.draw(seed, range(_TRIAL_DIALOGUES), 300.0, simulator.card.speakers)
        found = summary(drawn, simulator.definitions)["per_minute"]["backchannel"]
        if not found or not rate:
            break
        last = simulator.layers[-1]
        bias = [last.bias[0], round(last.bias[1] + float(np.log(rate / found)), 5)]
        simulator = dataclasses.replace(
            simulator, layers=[*simulator.layers[:-1], dataclasses.replace(last, bias=bias)]
        )
    return simulator


_TRIALS, _TRIAL_DIALOGUES = 2, 500


def _short(values: np.ndarray) -> list:
    """Plain numbers of five decimals, a thousandth of what the hazards are known to."""
    return np.round(values.astype(np.float64), 5).tolist()
