"""The floor as competing hazards: fitted on conversations of any number of speakers, drawn by the thousand hours.

Axes: N IPUs, K groups of hazards, D dialogues. Times are seconds, float64.

Each speaker alternates between silence and IPUs. How likely each is to begin or to end one in a frame depends on
how long they and the others have been on or off, on the kind of the IPUs (turn or backchannel), on who has the
floor and how it came to them, on whether the floor was last taken in overlap, soon or late (by them, by anybody), and
on effects of the person and the pair. Gaps, overlaps and everything else emerge; none of them is drawn.

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
from babble_jax.timing.events import Definitions
from babble_jax.timing.floor import effects, hazards
from babble_jax.timing.floor.exposure import Exposure, exposure
from babble_jax.timing.floor.sampler import Tables, draw
from babble_jax.timing.floor.state import FRAME, Limits

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
    """One layer of the network of hazards: kernel [in, out] and bias [out]."""

    kernel: list[list[float]]
    bias: list[float]


@dataclasses.dataclass(frozen=True)
class FloorSimulator:
    """Hazards of beginning and ending IPUs, and how people differ in them.

    Attributes:
      card: where it comes from.
      definitions: of the events; their limits are kept by every dialogue drawn.
      layers: of `hazards.network`.
      mean: [K] of the effects, in the order of `effects.GROUPS`.
      own: [K, K] covariance of a speaker's effects.
      shared: [K, K] cross-covariance of the effects of two speakers of one dialogue.
    """

    card: SimulatorCard
    definitions: Definitions
    layers: list[Layer]
    mean: list[float]
    own: list[list[float]]
    shared: list[list[float]]

    def __post_init__(self):
        k = len(effects.GROUPS)
        given = [len(layer.bias) for layer in self.layers]
        if not self.layers or given[-1] != 2:
            raise ValueError("the network has at least one layer, and its last one has 2 outputs")
        taken = [hazards.FEATURES, *given[:-1]]
        taken[-1] += hazards.CROSSED
        for i, layer in enumerate(self.layers):
            if [len(layer.kernel), {len(row) for row in layer.kernel}] != [taken[i], {given[i]}]:
                raise ValueError(f"layer {i} must have {taken[i]} inputs and {given[i]} outputs")
            if not np.isfinite([*layer.bias, *(v for row in layer.kernel for v in row)]).all():
                raise ValueError(f"layer {i} has weights that are no finite numbers")
        if len(self.mean) != k or not np.isfinite(self.mean).all():
            raise ValueError(f"mean must be {k} finite numbers")
        for name in ("own", "shared"):
            rows = getattr(self, name)
            if len(rows) != k or any(len(row) != k for row in rows) or not np.isfinite(rows).all():
                raise ValueError(f"{name} must be a covariance of {k} by {k} finite numbers")

    @functools.cached_property
    def log_hazard(self) -> np.ndarray:
        """[C, 2] float32 log-hazards per frame of every cell, for somebody whose effects are the mean ones."""
        return (
            np.asarray(hazards.table(params_of(self.layers)))
            + np.array(self.mean, np.float32)[effects.every_group()]
        )

    def tables(self, speakers: int) -> Tables:
        """What the sampler looks up."""
        covariance = effects.joint(np.array(self.own), np.array(self.shared), speakers)
        value, vector = np.linalg.eigh(covariance)
        return Tables(
            jnp.asarray(self.log_hazard),
            jnp.asarray(effects.every_group()),
            jnp.asarray(vector * np.sqrt(np.maximum(value, 0)), jnp.float32),
        )

    def draw(
        self,
        seed: int,
        numbers: Sequence[int] | np.ndarray,
        seconds: float,
        speakers: int = 2,
        mirrored: bool = False,
    ) -> list[Conversation]:
        """Dialogues by their numbers within a seed, each observed for `seconds` after the burn-in; where `mirrored`, of
        people whose effects are the opposite ones.

        A dialogue does not depend on what is drawn beside it. IPUs that run across an edge of the window are cut
        there by `events.ipus`.
        """
        frames = int(np.ceil((BURN_IN + seconds) / FRAME))
        tables = self.tables(speakers)
        found = draw(
            jax.random.wrap_key_data(
                jnp.array([seed >> 32, seed & 0xFFFFFFFF], jnp.uint32)
            ),  # of 64 bits, anywhere
            np.asarray(numbers),
            frames,
            speakers,
            tables._replace(root=-tables.root) if mirrored else tables,
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
                end=np.minimum(np.round(offset[late] - BURN_IN, 9), seconds),
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
    events = rows.happened
    number = events.sum(axis=1)
    nats = np.sum(events * (value - np.log(total)[:, None]), axis=1)
    nats += number * np.log(-np.expm1(-total)) - (rows.frames - number) * total
    return np.bincount(rows.dialogue[rows.person], nats, len(rows.seconds))


def likelihood(rows: Exposure, log_hazard: np.ndarray, own: np.ndarray, shared: np.ndarray) -> np.ndarray:
    """[D] nats of each dialogue with the speakers' effects integrated out."""
    found = effects.counts(rows, log_hazard[rows.cell])
    return fixed_likelihood(rows, log_hazard) + effects.posterior(found, own, shared)[0].log_marginal


def short(values: np.ndarray) -> list:
    """Plain numbers of five decimals, a thousandth of what the hazards are known to."""
    return np.round(values.astype(np.float64), 5).tolist()
