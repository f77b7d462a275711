"""Fits the hierarchical model on the training conversations and scores its predictions on the others.

FTOs are seconds, scores nats.
"""

import dataclasses
from collections.abc import Sequence
from typing import Any

from babble_jax.conversation.conversation import Conversation
from babble_jax.timing.events import Definitions, FtoLevel
from babble_jax.timing.prediction.filter import make_grid
from babble_jax.timing.prediction.hierarchy import fit_svi, posterior_mean
from babble_jax.timing.prediction.offset_predictor import OffsetPredictor, PredictorCard
from babble_jax.timing.prediction.scoring import MeanScore, clustered_mean, mean_by_index, score_offsets
from babble_jax.timing.prediction.split_offsets import split_offsets


@dataclasses.dataclass(frozen=True, eq=False)
class PooledReport:
    """The fitted predictor and its gain over one distribution for all.

    Attributes:
      predictor: fitted on the training conversations; its card has the scores.
      unconditional_nats: mean log density of the held-out FTOs under one distribution for all, fitted on the same.
      by_index: the gain by the FTO's index in its conversation.
    """

    predictor: OffsetPredictor
    unconditional_nats: float
    by_index: dict[str, MeanScore]

    def to_json(self) -> dict[str, Any]:
        """Returns the object `pooled` of `babble fit --pooled --json`; its keys stay from one version to the next."""
        card = self.predictor.card
        population = self.predictor.to_json()["population"]
        return {
            "heldout_nats": card.heldout_nats,
            "unconditional_nats": self.unconditional_nats,
            "gain": card.log_score_gain,
            "se": card.se,
            "offsets": card.heldout_offsets,
            "by_index": {name: mean.to_json() for name, mean in self.by_index.items()},
            "population": {name.replace("speaker_", "side_"): value for name, value in population.items()},
        }


def fit_pooled(
    conversations: Sequence[Conversation],
    fto_level: FtoLevel = "ipu",
    definitions: Definitions | None = None,
    source: str = "",
    licence: str = "",
    steps: int = 1000,
) -> PooledReport:
    """Fits the predictor and scores its gain (`scoring`) over one Johnson-SU distribution fitted on the same FTOs.

    Args:
      conversations: of any corpora and numbers of speakers.
      fto_level: of the FTOs.
      definitions: of the events; the standard ones where absent.
      source: where the corpus is to be had, one line for the card.
      licence: terms of the corpus, one line for the card.
      steps: of the fit.

    Raises:
      BabbleError: too few FTOs or groups.
    """
    definitions = definitions or Definitions()
    data = split_offsets(conversations, fto_level, definitions)
    ftos, held = data.ftos, ~data.train
    _, unconditional = data.fit_unconditional()
    training = data.training_offsets()
    population = posterior_mean(training, fit_svi(training, steps=steps))
    conversation, group = ftos.conversation[held], data.group[held]
    scores = score_offsets(
        make_grid(population),
        ftos.fto[held],
        ftos.speaker[held],
        conversation,
        data.corpus[conversation],
    )
    log_score_gain = scores.log_prob - unconditional[held]
    mean = clustered_mean(log_score_gain, group)
    card = PredictorCard(
        corpus=" + ".join(data.corpora),
        conversations=len(training.corpus),
        offsets=len(training.fto),
        definitions_version=definitions.version,
        heldout_nats=float(scores.log_prob.mean()),
        log_score_gain=mean.value,
        se=mean.se,
        heldout_offsets=mean.offsets,
        source=source,
        licence=licence,
    )
    predictor = OffsetPredictor(population, fto_level, definitions, card)
    by_index = mean_by_index(log_score_gain, conversation, group)
    return PooledReport(predictor, float(unconditional[held].mean()), by_index)
