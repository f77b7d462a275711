"""Distributions of floor-transfer offsets."""

import dataclasses
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from babble_jax.cli.annotation import AnnotationFormat, AnnotationPaths, FtoLevel, LayoutOptions, Quiet
from babble_jax.cli.marks import NO_HINT
from babble_jax.cli.messages import print_json, print_line, report_reading
from babble_jax.conversation.layout.layout import Layout
from babble_jax.timing.events.ipu import Definitions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from babble_jax.conversation.conversation import Conversation


@dataclasses.dataclass(frozen=True)
class Fit:
    """Fits families of distributions to floor-transfer offsets and ranks them by their score on held-out conversations.

    Attributes:
      paths: Annotation files or folders.
      format: Format of the annotation.
      layout: How the files are laid out, where it is guessed otherwise.
      fto_level: Level of the floor-transfer offsets.
      definitions: Definitions of the dialogue events.
      families: Names of the families to fit. By default all.
      by: Unit that is held out: groups of conversations that share people, or incoming speakers. `speaker` needs
        annotation whose speaker names identify people.
      cross_validate: Also hold out every group or speaker once, in five folds, and rank the families by the scores of
        all offsets: for corpora so small that one split says little. Takes six times as long.
      pooled: Also fit a hierarchical model of dyads and speakers, and report by how much the earlier offsets of a
        conversation improve the prediction of each offset. Takes minutes.
      context: Also train networks that predict each offset from its context, and report what each covariate
        improves: `causal` from what a live agent can observe, `descriptive` from all that was over by the end of
        the turn before. Takes minutes.
      quiet: Do not print how the annotation was understood.
      json: Print one JSON object on standard output, and nothing else.
      plot: PNG file for a picture of the held-out offsets and the fitted distributions (densities, quantiles, PIT).
      out: JSON file for a timing preset that is fitted on all conversations, for `babble converse --timing`. Its
        floor takes a minute to fit, ten for hundreds of hours.
      name: Name of that preset. By default the name of its file.
      floor: Fit the floor of the preset, from which `babble converse` and `babble simulate` draw dialogues, if there
        are 500 floor transfers or more.
      evaluate_floor: Also fit the floor on training conversations, and compare dialogues drawn from it and from
        simpler baselines with the held-out conversations; with --plot a second PNG, *-floor.png. Takes minutes.
    """

    paths: AnnotationPaths
    format: AnnotationFormat = None
    layout: LayoutOptions = Layout()
    fto_level: FtoLevel = "ipu"
    definitions: Definitions = Definitions()
    families: Annotated[tuple[str, ...], NO_HINT] = ()
    by: Literal["group", "speaker"] = "group"
    cross_validate: bool = False
    pooled: bool = False
    context: Literal["causal", "descriptive"] | None = None
    quiet: Quiet = False
    json: bool = False
    plot: Path | None = None
    out: Path | None = None
    name: str | None = None
    floor: bool = True
    evaluate_floor: bool = False

    def run(self) -> None:
        """Reads the annotation, fits the families and prints their ranking."""
        from babble_jax.cli.outputs import check_output
        from babble_jax.conversation.reading import read
        from babble_jax.timing.distributions.families import FAMILIES
        from babble_jax.timing.evaluation.offsets.cross_validation import cross_validate
        from babble_jax.timing.evaluation.offsets.ranking import fit
        from babble_jax.timing.evaluation.offsets.ranking_picture import plot_offsets
        from babble_jax.timing.evaluation.offsets.ranking_text import cross_validation_text, report_text
        from babble_jax.timing.floor.fit import missing_events
        from babble_jax.timing.preset import fit_timing

        for path, suffix in ((self.plot, ".png"), (self.out, ".json")):
            if path is not None:
                check_output(path, suffix)
        reading = read(self.paths, self.format, self.layout)
        report_reading(reading, self.quiet)
        families = self.families or tuple(FAMILIES)
        report = fit(reading.conversations, self.fto_level, self.definitions, families, self.by)
        if self.plot is not None:
            distributions = {family.name: family.params for family in report.families}
            plot_offsets(self.plot, report.fto, distributions, width=report.width)
        written = None
        if self.out is not None:
            name = self.name or self.out.stem
            preset = fit_timing(
                reading.conversations, name, self.definitions, floor=self.floor, families=self.families
            )
            preset.save(self.out)
            if self.floor and preset.floor is None:
                reason = missing_events(reading.conversations, self.definitions)
                print_line(f"{self.out} holds no floor: {reason}", sys.stderr)
            families_of_levels = ", ".join(
                f"{model.family} at level {fto_level}" for fto_level, model in preset.models.items()
            )
            floor_text = "no floor" if preset.floor is None else "with a floor"
            written = f"{self.out}: timing preset {name} of {families_of_levels}; {floor_text}"
        crossed = None
        if self.cross_validate:
            crossed = cross_validate(
                reading.conversations, self.fto_level, self.definitions, families, self.by
            )
        pooled, ablation = None, None
        if self.context is not None:
            from babble_jax.timing.evaluation.prediction.fit_context import fit_context

            result = fit_context(reading.conversations, self.fto_level, self.context, self.definitions)
            pooled, ablation = result.pooled.to_json() if self.pooled else None, result.ablation
        elif self.pooled:
            from babble_jax.timing.prediction.pooled import fit_pooled

            pooled = fit_pooled(reading.conversations, self.fto_level, self.definitions).to_json()
        floor = self._evaluate_floor(reading.conversations) if self.evaluate_floor else None
        if self.json:
            values = report.to_json() | ({"pooled": pooled} if pooled else {})
            values |= {"cross_validated": crossed.to_json()} if crossed else {}
            values |= {"context": ablation.to_json()} if ablation else {}
            values |= {"floor": floor} if floor else {}
            print_json(values)
            return
        print(report_text(report))
        if crossed:
            print(f"\n{cross_validation_text(crossed)}")
        if pooled:
            se = "" if pooled["se"] is None else f" ({pooled['se']:.4f})"
            print(
                f"\nwith dyads and speakers {pooled['heldout_nats']:.4f} nats: gain {pooled['gain']:.4f}{se}"
            )
        if ablation:
            from babble_jax.timing.evaluation.prediction.ablation_text import format_ablation

            print(f"\n{format_ablation(ablation)}")
        if floor:
            from babble_jax.timing.evaluation.floor.evaluation_text import format_floor_evaluation

            print(f"\n{format_floor_evaluation(floor)}")
        if written:
            print()
            print_line(written)

    def _evaluate_floor(self, conversations: "Sequence[Conversation]") -> dict[str, Any]:
        from babble_jax.plural import plural
        from babble_jax.timing.evaluation.floor.comparison_picture import plot_floor_comparison
        from babble_jax.timing.evaluation.floor.evaluation import evaluate_floor

        values = evaluate_floor(conversations, self.definitions)
        if self.plot is not None:
            path = self.plot.with_name(f"{self.plot.stem}-floor.png")
            plot_floor_comparison(path, values, plural(values["calls"], "held-out conversation"))
        return values
