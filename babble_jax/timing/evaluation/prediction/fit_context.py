"""Fits a context predictor to a corpus: the pooled fit, the ablation of covariates, the predictor of those selected."""

import dataclasses
from collections.abc import Sequence

from babble_jax.conversation.conversation import Conversation
from babble_jax.timing.evaluation.prediction.ablation import Ablation, ablate, heldout_log_prob
from babble_jax.timing.events import Definitions, FtoLevel
from babble_jax.timing.prediction.context import Mode
from babble_jax.timing.prediction.context_predictor import ContextPredictor
from babble_jax.timing.prediction.covariates import COVARIATES
from babble_jax.timing.prediction.examples import Examples, build_examples
from babble_jax.timing.prediction.heads import HeadValues, input_columns
from babble_jax.timing.prediction.pooled import PooledReport, fit_pooled
from babble_jax.timing.prediction.scoring import MeanScore, clustered_mean
from babble_jax.timing.prediction.training import train_heads


@dataclasses.dataclass(frozen=True, eq=False)
class ContextReport:
    """A context predictor and how it came about.

    Attributes:
      pooled: the fit of the filter.
      examples: the FTOs and their inputs.
      ablation: of the covariates.
      predictor: of the selected covariates and the filter.
    """

    pooled: PooledReport
    examples: Examples
    ablation: Ablation
    predictor: ContextPredictor


def fit_context(
    conversations: Sequence[Conversation],
    fto_level: FtoLevel,
    mode: Mode,
    definitions: Definitions | None = None,
    source: str = "",
    licence: str = "",
) -> ContextReport:
    """Fits the filter, trains the networks of an ablation, and builds the predictor of the selected covariates.

    Args:
      conversations: as `fit_pooled` takes them.
      fto_level: of the FTOs.
      mode: of the prediction.
      definitions: of the events; the standard ones where absent.
      source: where the corpus is to be had, one line for the card.
      licence: terms of the corpus, one line for the card.

    Raises:
      BabbleError: too few FTOs or groups.
    """
    definitions = definitions or Definitions()
    pooled = fit_pooled(conversations, fto_level, definitions, source, licence)
    data = build_examples(conversations, fto_level, definitions, pooled.predictor.grid)
    ablation = ablate(data, mode)
    card = dataclasses.replace(
        pooled.predictor.card,
        heldout_nats=pooled.unconditional_nats + ablation.selected.value,
        log_score_gain=ablation.selected.value,
        se=ablation.selected.se,
    )
    heads = {view: HeadValues.from_head(head) for view, head in ablation.heads.items()}
    return ContextReport(pooled, data, ablation, ContextPredictor(mode, pooled.predictor, heads, card))


def score_full_network(data: Examples, mode: Mode, seed: int = 0, epochs: int = 6) -> MeanScore:
    """Scores the gain of a network of all covariates and the filter, without an ablation.

    Args:
      data: all FTOs.
      mode: of the prediction.
      seed: of the initial weights and the order of the FTOs.
      epochs: passes over the training FTOs.
    """
    heads = train_heads(data, mode, input_columns(tuple(COVARIATES)), epochs, seed)
    held = ~data.split.train
    gain = heldout_log_prob(data, mode, heads) - data.unconditional_log_prob[held]
    return clustered_mean(gain, data.split.group[held])
