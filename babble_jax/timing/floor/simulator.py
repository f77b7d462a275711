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
from babble_jax.numerics import fixed_numerics
from babble_jax.timing.events import Definitions
from babble_jax.timing.floor import effects, hazards
from babble_jax.timing.floor.draw import HazardTables, draw_dialogues, draw_effects
from babble_jax.timing.floor.exposure import Exposure, count_exposure
from babble_jax.timing.floor.state import FRAME, Limits

BURN_IN = 60.0
"""Seconds that a dialogue runs before it counts, since it begins in an artificial silence."""
FEWEST_SPEAKERS, MOST_SPEAKERS = 2, 20
"""Speakers of a dialogue that can be drawn."""
MOST_LAYERS = 16
"""Layers of the network of hazards."""
_LARGEST = 1e4  # weight or effect: of log-hazards


@dataclasses.dataclass(frozen=True)
class SimulatorCard:
    """Says where a simulator comes from.

    Attributes:
      corpus: names of the corpora.
      conversations: how many it was fitted on.
      hours: of them.
      speakers: the number of speakers in most of them.
      heldout_nats: log-likelihood per second of held-out conversations, of one that was fitted on the others;
        None where it was not scored.
      prior: name of the preset towards whose floor it was shrunk; None where it was fitted alone.
    """

    corpus: str
    conversations: int
    hours: float
    speakers: int
    heldout_nats: float | None = None
    prior: str | None = None


@dataclasses.dataclass(frozen=True)
class Layer:
    """Holds a layer of the network of hazards: kernel [in, out] and bias [out]."""

    kernel: list[list[float]]
    bias: list[float]


@dataclasses.dataclass(frozen=True)
class FloorSimulator:
    """Models the floor by hazards of beginning and ending IPUs, and by how people differ in them.

    Attributes:
      card: where it comes from.
      definitions: of the events; every dialogue drawn keeps within their limits.
      layers: of `hazards.HazardNetwork`: the hidden ones, then the output.
      crossing: [CROSSED, 2] its embeddings.
      mean: [K] of the effects, in the order of `effects.GROUPS`.
      own: [K, K] covariance of a speaker's effects.
      shared: [K, K] cross-covariance of the effects of two speakers of one dialogue.
    """

    card: SimulatorCard
    definitions: Definitions
    layers: list[Layer]
    crossing: list[list[float]]
    mean: list[float]
    own: list[list[float]]
    shared: list[list[float]]

    def __post_init__(self):
        if not FEWEST_SPEAKERS <= self.card.speakers <= MOST_SPEAKERS:
            raise ValueError(
                f"card.speakers is {str(self.card.speakers)[:20]}; it must be from {FEWEST_SPEAKERS} to {MOST_SPEAKERS}"
            )
        k = len(effects.GROUPS)
        outputs = [len(layer.bias) for layer in self.layers]
        if not 1 <= len(self.layers) <= MOST_LAYERS or outputs[-1] != 2:
            raise ValueError(
                f"the network has at least one layer, {MOST_LAYERS} at most, and its last one has 2 outputs"
            )
        inputs = [hazards.FEATURES, *outputs[:-1]]
        for i, layer in enumerate(self.layers):
            if [len(layer.kernel), {len(row) for row in layer.kernel}] != [inputs[i], {outputs[i]}]:
                raise ValueError(f"layer {i} must have {inputs[i]} inputs and {outputs[i]} outputs")
            if not _small([*layer.bias, *(v for row in layer.kernel for v in row)]):
                raise ValueError(f"layer {i} has weights that are no numbers of {_LARGEST:g} at most")
        rows = self.crossing
        if len(rows) != hazards.CROSSED or {len(row) for row in rows} != {2} or not _small(rows):
            raise ValueError(f"crossing must be {hazards.CROSSED} pairs of finite numbers")
        if len(self.mean) != k or not _small(self.mean):
            raise ValueError(f"mean must be {k} finite numbers")
        for name in ("own", "shared"):
            rows = getattr(self, name)
            if len(rows) != k or any(len(row) != k for row in rows) or not _small(rows):
                raise ValueError(f"{name} must be a covariance of {k} by {k} finite numbers")

    @functools.cached_property
    @fixed_numerics()
    def log_hazard(self) -> np.ndarray:
        """[NUM_STATES, 2] float32 log-hazards per frame of every state, for somebody whose effects are the mean."""
        return (
            np.asarray(hazards.hazard_table(network_params(self.layers, self.crossing)))
            + np.array(self.mean, np.float32)[effects.all_hazard_groups()]
        )

    @functools.cached_property
    def hazard(self) -> np.ndarray:
        """[NUM_STATES, 2] float32 hazards per frame, see `log_hazard`."""
        return np.exp(self.log_hazard)

    @fixed_numerics()
    def tables(self, speakers: int) -> HazardTables:
        """Computes the tables by which dialogues of so many speakers are drawn."""
        return HazardTables(
            jnp.asarray(self.log_hazard), jnp.asarray(effects.all_hazard_groups()), self.effect_root(speakers)
        )

    @fixed_numerics()
    def effect_root(self, speakers: int) -> jax.Array:
        """Returns a root of the covariance of the effects of so many speakers, see `draw.HazardTables`."""
        covariance = effects.joint_covariance(np.array(self.own), np.array(self.shared), speakers)
        value, vector = np.linalg.eigh(covariance)
        return jnp.asarray(vector * np.sqrt(np.maximum(value, 0)), jnp.float32)

    @fixed_numerics()
    def draw(
        self,
        seed: int,
        numbers: Sequence[int] | np.ndarray,
        seconds: float,
        speakers: int = 2,
        opposite_effects: bool = False,
    ) -> list[Conversation]:
        """Draws dialogues by their numbers within a seed.

        A dialogue does not depend on the others that are drawn. IPUs that run across an edge of the window are cut
        there by `events.ipus`.

        Args:
          seed: 64 bits.
          numbers: [D] of the dialogues.
          seconds: for which each is observed, after the burn-in.
          speakers: S, in each.
          opposite_effects: draw people with the opposite effects of those that the seed has otherwise.
        """
        frames = int(np.ceil((BURN_IN + seconds) / FRAME))
        tables = self.tables(speakers)
        dialogues = draw_dialogues(
            _key(seed),
            np.asarray(numbers),
            frames,
            speakers,
            tables._replace(root=-tables.root) if opposite_effects else tables,
            Limits.of(self.definitions),
        )
        return self.conversations_of(
            dialogues, [f"floor-{seed}-{number}" for number in numbers], seconds, speakers
        )

    @fixed_numerics()
    def draw_effects(self, seed: int, numbers: Sequence[int] | np.ndarray, speakers: int = 2) -> np.ndarray:
        """Draws the effects of the speakers of dialogues, [D, S, K] float32: those that `draw` gives them.

        Args:
          seed: 64 bits.
          numbers: [D] of the dialogues.
          speakers: S, in each.
        """
        dialogue = jnp.asarray(np.asarray(numbers), jnp.uint32)
        return np.asarray(draw_effects(_key(seed), dialogue, self.effect_root(speakers), speakers))

    def conversations_of(
        self,
        dialogues: Sequence[tuple[np.ndarray, np.ndarray, np.ndarray]],
        ids: Sequence[str],
        seconds: float,
        speakers: int,
    ) -> list[Conversation]:
        """Makes conversations of drawn dialogues, without their burn-in.

        Args:
          dialogues: as `draw.draw_dialogues` returns them.
          ids: of the conversations.
          seconds: for which each is observed, after the burn-in.
          speakers: S, in each.
        """
        names = tuple(chr(ord("A") + s) if s < 26 else f"S{s}" for s in range(speakers))
        return [
            Conversation(
                id=name,
                corpus=f"simulated from {self.card.corpus}",
                speakers=names,
                speaker=speaker[late],
                onset=np.maximum(np.round(onset[late] - BURN_IN, 9), 0.0),
                end=np.minimum(np.round(end[late] - BURN_IN, 9), seconds),
                mark=np.full(int(late.sum()), Mark.SPEECH, np.uint8),
                unit="ipu",
                language=None,
                group=name,
                windows=np.array([[0.0, seconds]]),
            )
            for name, (onset, end, speaker) in zip(ids, dialogues, strict=True)
            for late in [(end > BURN_IN) & (onset < BURN_IN + seconds)]
        ]

    def log_likelihood(self, conversations: Sequence[Conversation]) -> np.ndarray:
        """Returns the log-likelihood of each conversation, the effects integrated out; [D] nats."""
        return log_likelihood_with_effects(
            count_exposure(conversations, self.definitions),
            self.log_hazard,
            np.array(self.own),
            np.array(self.shared),
        )

    def to_json(self) -> dict[str, Any]:
        """Returns plain JSON values; exact."""
        return config.to_json(self)

    @classmethod
    def from_json(cls, values: dict[str, Any], source: str = "floor simulator") -> "FloorSimulator":
        """Makes the simulator from the values of `to_json`; `source` names it in errors."""
        return config.from_json(cls, values, source)


def _key(seed: int) -> jax.Array:
    """Makes a PRNG key of a seed of 64 bits, the same on every machine."""
    return jax.random.wrap_key_data(jnp.array([seed >> 32, seed & 0xFFFFFFFF], jnp.uint32))


def _small(values: Any) -> bool:
    """Returns whether all values are finite and no larger than any that is fitted."""
    return bool((np.abs(np.asarray(values, np.float64)) <= _LARGEST).all())


def network_params(layers: Sequence[Layer], crossing: list[list[float]]) -> hazards.Params:
    """Makes the Flax parameters of the network from its layers and [CROSSED, 2] embeddings."""
    names = [*(f"hidden_{i}" for i in range(len(layers) - 1)), "output"]
    params = {
        name: {"kernel": np.array(layer.kernel, np.float32), "bias": np.array(layer.bias, np.float32)}
        for name, layer in zip(names, layers, strict=True)
    }
    return params | {"crossing": {"embedding": np.array(crossing, np.float32)}}


def layers_of(params: hazards.Params) -> tuple[list[Layer], list[list[float]]]:
    """Returns the layers and the embeddings of the network as plain numbers."""
    names = [*(f"hidden_{i}" for i in range(len(params) - 2)), "output"]
    layers = [Layer(round_values(params[n]["kernel"]), round_values(params[n]["bias"])) for n in names]
    return layers, round_values(params["crossing"]["embedding"])


def log_likelihood_without_effects(rows: Exposure, log_hazard: np.ndarray) -> np.ndarray:
    """Returns the log-likelihood of each dialogue for speakers without effects, [D] nats.

    An event contributes log(1 - exp(-hazard)) and the logarithm of its share, a frame without one -hazard.
    `log_hazard` is [NUM_STATES, 2].
    """
    value = log_hazard[rows.state].astype(np.float64)
    total = np.exp(value).sum(axis=1)
    events = rows.hazard_events
    number = events.sum(axis=1)
    nats = np.sum(events * (value - np.log(total)[:, None]), axis=1)
    nats += number * np.log(-np.expm1(-total)) - (rows.frames - number) * total
    return np.bincount(rows.dialogue[rows.person], nats, len(rows.seconds))


def log_likelihood_with_effects(
    rows: Exposure, log_hazard: np.ndarray, own: np.ndarray, shared: np.ndarray
) -> np.ndarray:
    """Returns the log-likelihood of each dialogue, the speakers' effects integrated out; [D] nats.

    Args:
      rows: of the dialogues.
      log_hazard: [NUM_STATES, 2] per frame.
      own: [K, K] covariance of a speaker's effects.
      shared: [K, K] cross-covariance of two speakers' effects.
    """
    counts = effects.count_by_group(rows, log_hazard[rows.state])
    nats = effects.infer_effects(counts, own, shared)[0].log_marginal
    return log_likelihood_without_effects(rows, log_hazard) + nats


def round_values(values: np.ndarray) -> list:
    """Rounds to plain numbers of five decimals, a thousandth of the precision of the hazards."""
    return np.round(values.astype(np.float64), 5).tolist()
