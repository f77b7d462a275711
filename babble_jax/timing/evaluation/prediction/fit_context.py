"""From a corpus to a context model: the pooled fit, the ablation of covariates, and the model of those kept."""

import dataclasses
from collections.abc import Sequence

from babble_jax.conversation.conversation import Conversation
from babble_jax.timing.evaluation.prediction.ablation import Ablation, ablate, heldout
from babble_jax.timing.events import Definitions, FtoLevel
from babble_jax.timing.prediction.context import Mode
from babble_jax.timing.prediction.context_model import ContextModel, HeadValues
from babble_jax.timing.prediction.covariates import COVARIATES
from babble_jax.timing.prediction.pooled import PooledReport, fit_pooled
from babble_jax.timing.prediction.scoring import Mean, clustered
from babble_jax.timing.prediction.training import Examples, columns_of, examples, train_heads


def fit_context(
    conversations: Sequence[Conversation],
    fto_level: FtoLevel,
    modes: Sequence[Mode],
    definitions: Definitions | None = None,
    source: str = "",
    licence: str = "",
) -> tuple[PooledReport, Examples, dict[Mode, tuple[ContextModel, Ablation]]]:
    """Fits all that a table of context needs, and for each mode the model of the covariates that it keeps.

    Args:
      conversations: as `fit_pooled` takes them.
      fto_level: of the offsets.
      modes: of the prediction.
      definitions: of the events; the standard ones where absent.
      source: where the corpus is to be had, one line for the card.
      licence: terms of the corpus, one line for the card.
    """
    definitions = definitions or Definitions()
    pooled = fit_pooled(conversations, fto_level, definitions, source, licence)
    data = examples(conversations, fto_level, definitions, pooled.model.grid)
    result = {}
    for mode in modes:
        ablation = ablate(data, mode)
        card = dataclasses.replace(
            pooled.model.card,
            heldout_nats=pooled.unconditional_nats + ablation.kept.value,
            gain=ablation.kept.value,
            se=ablation.kept.se,
        )
        heads = {view: HeadValues.of(head) for view, head in ablation.heads.items()}
        result[mode] = ContextModel(mode, pooled.model, heads, card), ablation
    return pooled, data, result


def gain_of_everything(data: Examples, mode: Mode, seed: int = 0, epochs: int = 6) -> Mean:
    """The gain of a network of all covariates and the filter, without an ablation."""
    heads = train_heads(data, mode, columns_of(tuple(COVARIATES)), epochs, seed)
    held = ~data.sides.train
    return clustered(heldout(data, mode, heads) - data.unconditional[held], data.sides.group[held])
