"""Fits timing presets: all that a corpus says, alone or shrunk towards another preset.

Axes: C conversations.
"""

import dataclasses
import os
from collections.abc import Mapping, Sequence
from typing import Any, cast, get_args

import numpy as np

from babble_jax.arguments import check_arguments
from babble_jax.conversation.conversation import Conversation
from babble_jax.conversation.shards import observed_hours
from babble_jax.errors import BabbleError
from babble_jax.plural import plural
from babble_jax.timing.distributions.binned import bin_widths
from babble_jax.timing.distributions.families import FAMILIES, PARAMETRIC
from babble_jax.timing.distributions.family import FEWEST, to_json
from babble_jax.timing.distributions.maximum_likelihood import SmoothFamily
from babble_jax.timing.distributions.model import OffsetModelCard, TimingModel
from babble_jax.timing.evaluation.offsets.ranking import fit
from babble_jax.timing.evaluation.offsets.ranking_of_counts import LARGE_HOURS
from babble_jax.timing.evaluation.offsets.report import FitReport, Quantiles
from babble_jax.timing.events import Definitions, FtoLevel, events, pool_ftos
from babble_jax.timing.floor.exposure import count_exposure
from babble_jax.timing.floor.fit import fit_and_score_floor, fit_floor, missing_events
from babble_jax.timing.floor.fit_large import fit_floor_on_part
from babble_jax.timing.floor.pooling import shrink_exposure
from babble_jax.timing.floor.simulator import FloorSimulator
from babble_jax.timing.pooling.floors import floors_of_other_corpora
from babble_jax.timing.pooling.offsets import shrink_distribution
from babble_jax.timing.pooling.scoring import PoolingScore, score_floor, score_offsets
from babble_jax.timing.preset import REFERENCE_ROWS, TimingPreset, load_timing

_FIRST = 1000  # conversations of a large corpus that show that no part is missing


@check_arguments
def fit_timing(
    conversations: Sequence[Conversation],
    name: str,
    definitions: Definitions | None = None,
    source: str = "",
    licence: str = "",
    floor: bool = True,
    families: Sequence[str] = (),
    prior: str | os.PathLike | None = None,
    folds: int | None = None,
    heldout: bool = True,
    reports: Mapping[str, FitReport] | None = None,
) -> TimingPreset:
    """Fits all that a preset holds, as for the presets that ship (`experiments/release/presets.py`).

    At each level the parametric family with the best held-out score is taken, and fitted again on all offsets; the
    floor is scored and fitted after the same split, if the corpus has enough events (`missing_parts`). A small corpus
    can be shrunk towards a preset instead (`prior`): then every part is fitted, however few its events.

    Args:
      conversations: the corpus.
      name: of the preset.
      definitions: of the events; the standard ones where absent, or those of `prior`.
      source: where the corpus is to be had, one line for the card.
      licence: terms of the corpus, one line for the card.
      floor: whether to fit the floor, which takes longer than all the rest; of more than 500 h on every n-th
        conversation, 250 h in all, and scored on all the rest.
      families: names of the parametric families to choose from; all of them by default, or those of `prior`.
      prior: name or file of a preset to shrink towards (partial pooling); None to fit the corpus alone.
      folds: of the cross-validation of the families, see `fit`; not of a fit that is shrunk.
      heldout: hold groups out for the scores of the card; see `fit`.
      reports: rankings that `fit` made of the same conversations, by level, which are then not made again.

    Returns:
      The preset; its `save` writes the JSON file that `load_timing` and `babble converse --timing` read.

    Raises:
      BabbleError: too little to fit, see `fit`; or a family that a preset cannot hold.

    Examples:
      >>> preset = fit_timing(read("corpus").conversations, "mine", families=["normal"], floor=False)
      >>> preset.save("mine.json")
      >>> load_timing("mine.json").models["turn"].family
      'normal'
    """
    if prior is not None:
        options = {"source": source, "licence": licence, "floor": floor, "families": families}
        return shrink_timing(conversations, name, load_timing(prior), definitions, **options)[0]
    definitions = definitions or Definitions()
    check_preset_families(families)
    candidates = families or [family.name for family in PARAMETRIC]
    missing = missing_parts(conversations, definitions)
    fitted = [fto_level for fto_level in get_args(FtoLevel) if fto_level not in missing]
    rankings: dict[FtoLevel, FitReport] = {}
    for fto_level in fitted or get_args(FtoLevel):  # where none can be fitted, `fit` says why
        report = (reports or {}).get(fto_level)
        if report is None or not {one.name for one in report.families} & set(candidates):
            report = fit(conversations, fto_level, definitions, candidates, folds=folds, heldout=heldout)
        rankings[fto_level] = report
    return assemble_preset(conversations, name, definitions, rankings, source, licence, floor, heldout)


def check_preset_families(families: Sequence[str]) -> None:
    """Refuses families that a preset cannot hold.

    Raises:
      BabbleError: with those that it can.
    """
    parametric = [family.name for family in PARAMETRIC]
    if wrong := sorted(set(families) - set(parametric)):
        raise BabbleError(f"A preset cannot hold {', '.join(wrong)}; choose from {', '.join(parametric)}.")


def missing_parts(conversations: Sequence[Conversation], definitions: Definitions) -> dict[str, str]:
    """Says which parts of a preset cannot be fitted on a corpus alone, and why, before any work.

    Args:
      conversations: [C] the corpus.
      definitions: of the events.

    Returns:
      One sentence for each part ("ipu", "turn", "floor") that has too few events; none of a corpus that is large
      enough.
    """
    missing = {}
    if len(conversations) > _FIRST and not missing_parts(conversations[:_FIRST], definitions):
        return missing
    for fto_level in get_args(FtoLevel):
        fto = pool_ftos(conversations, fto_level, definitions).fto
        if np.unique(fto).size < FEWEST:
            missing[fto_level] = (
                f"{plural(len(fto), 'offset')} at level {fto_level}, of which fewer than {FEWEST} differ, are too few "
                "for a distribution."
            )
    if reason := missing_events(conversations, definitions):
        missing["floor"] = reason
    return missing


def assemble_preset(
    conversations: Sequence[Conversation],
    name: str,
    definitions: Definitions,
    reports: Mapping[FtoLevel, FitReport],
    source: str = "",
    licence: str = "",
    floor: bool = True,
    heldout: bool = True,
) -> TimingPreset:
    """Makes a preset of the best family of each ranking, fitted on all offsets, and of the floor.

    Args:
      conversations: [C] the corpus.
      name: of the preset.
      definitions: of the events.
      reports: rankings, by level.
      source: where the corpus is to be had.
      licence: terms of the corpus.
      floor: whether to fit the floor, if there are events enough.
      heldout: score the floor on held-out groups.
    """
    parametric = {family.name for family in PARAMETRIC}
    models: dict[FtoLevel, TimingModel] = {}
    for fto_level, report in reports.items():
        best = next(family for family in report.families if family.name in parametric)
        fto = _all_ftos(conversations, fto_level, definitions, report)
        card = OffsetModelCard(
            corpus=_corpus(conversations),
            conversations=len(conversations),
            offsets=fto.offsets,
            definitions_version=definitions.version,
            heldout_nats=best.heldout_nats,
            heldout_crps=best.crps if best.heldout_nats is not None else None,
            heldout_offsets=report.heldout.offsets,
            source=source,
            licence=licence,
        )
        parameters = to_json(FAMILIES[best.name].fit(fto.fto, fto.width))
        models[fto_level] = _summarized(TimingModel(best.name, parameters, fto_level, definitions, card))
    simulator = None
    if floor and not missing_events(conversations, definitions):
        if observed_hours(conversations) > LARGE_HOURS:
            simulator = fit_floor_on_part(conversations, definitions, heldout)
        else:
            fit_all = fit_and_score_floor if heldout else fit_floor
            simulator = fit_all(conversations, definitions)
    return TimingPreset(name, definitions, models, simulator, _reference(conversations, definitions))


def _all_ftos(
    conversations: Sequence[Conversation], fto_level: FtoLevel, definitions: Definitions, report: FitReport
) -> Quantiles:
    """Returns all FTOs of a corpus, or the quantiles that a report has of those of a large one."""
    if report.quantiles is not None:
        return report.quantiles
    pooled = pool_ftos(conversations, fto_level, definitions)
    return Quantiles(pooled.fto, bin_widths(pooled.time_resolution[pooled.conversation]), len(pooled))


def shrink_timing(
    conversations: Sequence[Conversation],
    name: str,
    prior: TimingPreset,
    definitions: Definitions | None = None,
    *,
    source: str = "",
    licence: str = "",
    floor: bool = True,
    families: Sequence[str] = (),
    scale: float = 1.0,
) -> tuple[TimingPreset, list[PoolingScore]]:
    """Fits a preset to a small corpus with another preset as the prior (partial pooling).

    Args:
      conversations: [C] the small corpus; one is enough.
      name: of the preset.
      prior: the preset to shrink towards.
      definitions: of the events, which must be those of `prior`; these where absent.
      source: where the corpus is to be had.
      licence: terms of the corpus.
      floor: whether to shrink the floor, too.
      families: names of the parametric families to choose from; that of `prior` at each level by default.
      scale: factor of the prior's standard deviations, see `shrink_distribution` and `shrink_floor`.

    Returns:
      The preset, and the scores of held-out groups by part; no scores for a single group.

    Raises:
      BabbleError: other definitions than those of `prior`, no conversation, or a family that a preset cannot hold.
    """
    check_preset_families(families)
    if definitions not in (None, prior.definitions):
        raise BabbleError(
            f"The preset {prior.name} was fitted under other definitions of the events than those asked for; give "
            "the same, or take another preset."
        )
    definitions = prior.definitions
    if not conversations:
        raise BabbleError("No conversation was given; give one at least.")
    scores: list[PoolingScore] = []
    models: dict[FtoLevel, TimingModel] = {}
    for fto_level, model in prior.models.items():
        ftos = pool_ftos(conversations, fto_level, definitions)
        scored = score_offsets(ftos, model, families or (model.family,))
        family = scored[1] if scored else (families or (model.family,))[0]
        if scored:
            scores.append(scored[0])
        params = shrink_distribution(
            cast(SmoothFamily, FAMILIES[family]),
            model,
            ftos.fto,
            bin_widths(ftos.time_resolution[ftos.conversation]),
            ftos.conversation,
            scale,
        )
        card = OffsetModelCard(
            corpus=_corpus(conversations),
            conversations=len(conversations),
            offsets=len(ftos),
            definitions_version=definitions.version,
            heldout_nats=scored[0].nats["shrunk"] if scored else None,
            heldout_crps=float(np.mean(scored[2].crps)) if scored else None,
            heldout_offsets=len(ftos) if scored else 0,
            source=source,
            licence=licence,
            prior=prior.name,
        )
        models[fto_level] = _summarized(TimingModel(family, to_json(params), fto_level, definitions, card))
    simulator = None
    if floor and not missing_floor(conversations, prior):
        simulator, score = _shrink_floor(conversations, prior, scale)
        scores += [score] if score else []
    return TimingPreset(name, definitions, models, simulator, _reference(conversations, definitions)), scores


def missing_floor(conversations: Sequence[Conversation], prior: TimingPreset) -> str:
    """Says in one sentence why the floor of a corpus cannot be shrunk towards that of a preset; "" if it can.

    Args:
      conversations: [C] the small corpus.
      prior: the preset.
    """
    if prior.floor is None:
        return f"The preset {prior.name} holds no floor to shrink towards."
    speakers = int(np.bincount([len(one.speakers) for one in conversations]).argmax())
    if speakers != prior.floor.card.speakers:
        return (
            f"Most conversations are of {speakers} speakers, and the floor of {prior.name} is of "
            f"{prior.floor.card.speakers}; take another preset."
        )
    return ""


def _shrink_floor(
    conversations: Sequence[Conversation], prior: TimingPreset, scale: float
) -> tuple[FloorSimulator, PoolingScore | None]:
    preset_floor = prior.require_floor()
    corpora = {one.corpus for one in conversations}
    floors = floors_of_other_corpora(corpora, preset_floor.card.speakers)
    rows = count_exposure(conversations, prior.definitions)
    score = score_floor(conversations, rows, preset_floor, floors)
    shrunk = shrink_exposure(rows, conversations, preset_floor, floors, prior.name, scale)
    if score:
        card = dataclasses.replace(shrunk.card, heldout_nats=score.nats["shrunk"] / 60)
        shrunk = dataclasses.replace(shrunk, card=card)
    return shrunk, score


def _reference(conversations: Sequence[Conversation], definitions: Definitions) -> dict[str, Any]:
    """Returns the part of the corpus' table that a preset holds."""
    summary = events(conversations, definitions)
    return {key: summary[key] for key in ("conversations", "hours", *REFERENCE_ROWS)}


def _corpus(conversations: Sequence[Conversation]) -> str:
    return " + ".join(dict.fromkeys(conversation.corpus for conversation in conversations))


def _summarized(model: TimingModel) -> TimingModel:
    """Returns the model with its median and share below zero on its card."""
    summary: dict[str, Any] = model.summarize()
    return dataclasses.replace(model, card=dataclasses.replace(model.card, **summary))
