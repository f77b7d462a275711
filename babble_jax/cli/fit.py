"""Distributions of floor-transfer offsets."""

import dataclasses
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from babble_jax.cli.annotation import AnnotationFormat, AnnotationPaths, FtoLevel, LayoutOptions, Quiet
from babble_jax.cli.marks import NO_HINT
from babble_jax.cli.messages import print_json, print_line, report_reading
from babble_jax.cli.tracking import TrackOptions
from babble_jax.conversation.layout.layout import Layout
from babble_jax.errors import BabbleError
from babble_jax.timing.events.ipu import Definitions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from babble_jax.conversation.conversation import Conversation
    from babble_jax.timing.evaluation.offsets.report import FitReport
    from babble_jax.timing.preset import TimingPreset

MOST_FOLDS = 1000


@dataclasses.dataclass(frozen=True)
class Fit:
    """Fits distributions to floor-transfer offsets.

    Families of distributions are ranked by their score on held-out conversations. With --out the timing of the
    conversations becomes a preset, which `babble converse`, `babble simulate` and `babble live` take.

    Attributes:
      paths: Annotation files or folders.
      format: Format of the annotation.
      layout: How the files are laid out, where it is guessed otherwise.
      fto_level: Level of the floor-transfer offsets.
      definitions: Definitions of the dialogue events.
      families: Names of the families to fit. By default all 13, which takes a minute for an hour of dialogue and five
        for hundreds of hours; `--families logistic johnson_su` takes seconds.
      by: Unit that is held out: groups of conversations that share people, or incoming speakers. `speaker` needs
        annotation whose speaker names identify people.
      folds: Hold out every group or speaker once, in so many folds; 1 for a single split. By default 5 folds below 30
        groups (or as many as there are groups), and a single split for larger corpora.
      heldout: Score the families on held-out conversations. If not, all conversations are fitted and AIC ranks the
        families: for a single conversation.
      prior: Timing preset, by name or file, towards which a small corpus is shrunk (partial pooling): distributions and
        floor, however few the conversations. `--out` writes the result.
      pooled: Also fit a hierarchical model of dyads and speakers, and report by how much the earlier offsets of a
        conversation improve the prediction of each offset. Takes minutes.
      context: Also train networks that predict each offset from its context, and report what each covariate
        improves: `causal` from what a live agent can observe, `descriptive` from all that was over by the end of
        the turn before. Takes minutes.
      quiet: Do not print how the annotation was understood.
      json: Print one JSON object on standard output, and nothing else.
      plot: PNG file for a picture of the held-out offsets and the fitted distributions (densities, quantiles, PIT).
      out: JSON file for a timing preset that is fitted on all conversations, for `babble converse --timing`. Its
        floor takes two minutes to fit, ten for hundreds of hours.
      name: Name of that preset. By default the name of its file.
      floor: Fit the floor of the preset, from which `babble converse` and `babble simulate` draw dialogues, if there
        are 500 floor transfers or more.
      evaluate_floor: Also fit the floor on training conversations, and compare dialogues drawn from it and from
        simpler baselines with the held-out conversations; with --plot a second PNG, *-floor.png. Takes minutes.
      log: Log of leaderboard, densities, probability integral transforms and their picture.
    """

    paths: AnnotationPaths
    format: AnnotationFormat = None
    layout: LayoutOptions = Layout()
    fto_level: FtoLevel = "ipu"
    definitions: Definitions = Definitions()
    families: Annotated[tuple[str, ...], NO_HINT] = ()
    by: Literal["group", "speaker"] = "group"
    folds: int | None = None
    heldout: bool = True
    prior: str | None = None
    pooled: bool = False
    context: Literal["causal", "descriptive"] | None = None
    quiet: Quiet = False
    json: bool = False
    plot: Path | None = None
    out: Path | None = None
    name: str | None = None
    floor: bool = True
    evaluate_floor: bool = False
    log: TrackOptions = TrackOptions()

    def run(self) -> None:
        """Reads the annotation, fits the families and prints their ranking."""
        from babble_jax.cli.outputs import check_output
        from babble_jax.conversation.reading import read
        from babble_jax.timing.distributions.families import check_families
        from babble_jax.timing.evaluation.offsets.ranking import fit
        from babble_jax.timing.evaluation.offsets.ranking_text import report_text
        from babble_jax.timing.fitting import check_preset_families
        from babble_jax.timing.preset import load_timing

        for path, suffix in ((self.plot, ".png"), (self.out, ".json")):
            if path is not None:
                check_output(path, suffix)
        self.log.check("fit")
        if self.folds is not None and not 1 <= self.folds <= MOST_FOLDS:
            raise BabbleError(f"--folds is {self.folds}; choose from 1 to {MOST_FOLDS}.")
        if self.families:
            check_families(self.families)
        if self.out is not None or self.prior is not None:
            check_preset_families(self.families)
        prior = None if self.prior is None else load_timing(self.prior)
        reading = read(self.paths, self.format, self.layout)
        report_reading(reading, self.quiet)
        conversations = reading.conversations
        heldout = self._can_hold_out(conversations)
        self._report_missing(conversations, prior)
        families = self._ranked_families(prior)
        self._report_time(conversations, families, heldout)
        report = fit(conversations, self.fto_level, self.definitions, families, self.by, self.folds, heldout)
        values = report.to_json()
        if report.folds > 1:
            values["cross_validated"] = report.cross_validated_json()
        if not self.json:
            print(report_text(report), flush=True)  # now: what follows may take minutes
        if self.log.is_on:
            from babble_jax.cli.track_fit import log_fit

            with self.log.open("fit", self._logged_values(families)) as tracker:
                log_fit(tracker, report)
        if self.plot is not None:
            from babble_jax.timing.evaluation.offsets.ranking_picture import plot_offsets

            distributions = {family.name: family.params for family in report.families}
            plot_offsets(self.plot, report.fto, distributions, width=report.width)
        written = self._write_preset(conversations, report, prior, heldout, values)
        if self.pooled or self.context is not None:
            self._predict(conversations, values)
        if self.evaluate_floor:
            values["floor"] = self._evaluate_floor(conversations)
        if self.json:
            print_json(values)
        elif written:
            print()
            print_line(written)

    def _logged_values(self, families: "Sequence[str]") -> dict[str, Any]:
        """Returns the values of the run for its log."""
        definitions = dataclasses.asdict(self.definitions)
        own = {"paths": [str(path) for path in self.paths], "families": list(families)}
        return own | {"fto_level": self.fto_level, "by": self.by, "definitions": definitions}

    def _can_hold_out(self, conversations: "Sequence[Conversation]") -> bool:
        """Says whether groups are held out; with a prior, a single group is fitted without, and that is said."""
        groups = {one.group for one in conversations}
        if not self.heldout or self.prior is None or len(groups) > 1:
            return self.heldout
        print_line("One group of people: nothing is held out, and families are ranked by AIC.", sys.stderr)
        return False

    def _ranked_families(self, prior: "TimingPreset | None") -> "tuple[str, ...]":
        """Returns the families of the table; with a prior a few that a small corpus can tell apart."""
        from babble_jax.timing.distributions.families import FAMILIES
        from babble_jax.timing.pooling.scoring import ALONE

        if self.families or prior is None:
            return self.families or tuple(FAMILIES)
        model = prior.models.get(self.fto_level)
        return tuple(dict.fromkeys([*ALONE, *([model.family] if model else [])]))

    def _report_time(
        self, conversations: "Sequence[Conversation]", families: "Sequence[str]", heldout: bool
    ) -> None:
        """Says before the work which families are fitted, and about how long that takes."""
        from babble_jax.conversation.shards import observed_hours
        from babble_jax.plural import plural
        from babble_jax.progress import format_time_left
        from babble_jax.timing.distributions.binned import bin_widths
        from babble_jax.timing.evaluation.offsets.offset_counts import QUANTILES
        from babble_jax.timing.evaluation.offsets.ranking_of_counts import LARGE_HOURS
        from babble_jax.timing.evaluation.offsets.ranking_time import (
            COUNTING_SECONDS,
            estimate_ranking_seconds,
        )
        from babble_jax.timing.events import pool_ftos
        from babble_jax.timing.splits import FEWEST_GROUPS, FOLDS

        if self.quiet or not conversations:
            return
        if (hours := observed_hours(conversations)) > LARGE_HOURS:
            seconds = estimate_ranking_seconds(families, QUANTILES, 1, False) + hours * COUNTING_SECONDS
            print_line(
                f"counting the offsets of {hours:.0f} h in bins of 1 ms, and fitting {QUANTILES} quantiles of these, "
                f"{format_time_left(seconds)}: {', '.join(families)}",
                sys.stderr,
            )
            return
        ftos = pool_ftos(conversations, self.fto_level, self.definitions)
        groups = len(set(ftos.group))
        folds = self.folds or (min(groups, FOLDS) if groups < FEWEST_GROUPS else 1)
        fits = 1 if folds == 1 or not heldout else folds + 1
        binned = bin_widths(ftos.time_resolution) is not None
        seconds = estimate_ranking_seconds(families, len(ftos), fits, binned)
        duration = "less than a minute" if seconds < 45 else f"about {plural(round(seconds / 60), 'minute')}"
        names = ", ".join(families)
        fewer = "; --families takes fewer" if len(families) > 3 and not self.families else ""
        print_line(
            f"fitting {plural(len(ftos), 'offset')}, {plural(fits, 'time')} each, {duration}: {names}{fewer}",
            sys.stderr,
        )

    def _report_missing(self, conversations: "Sequence[Conversation]", prior: "TimingPreset | None") -> None:
        """Says before the work which parts the preset will lack, and why."""
        from babble_jax.timing.fitting import missing_floor, missing_parts

        if self.out is None or not conversations:
            return
        if prior is not None:
            missing = {"floor": missing_floor(conversations, prior)}
        else:
            missing = missing_parts(conversations, self.definitions)
        for part, reason in missing.items():
            if reason and (part != "floor" or self.floor):
                what = "no floor" if part == "floor" else f"no distribution of level {part}"
                remedy = "" if prior is not None else " With --prior PRESET every part is fitted."
                print_line(f"{self.out} will hold {what}: {reason}{remedy}", sys.stderr)

    def _write_preset(
        self,
        conversations: "Sequence[Conversation]",
        report: "FitReport",
        prior: "TimingPreset | None",
        heldout: bool,
        values: dict[str, Any],
    ) -> str:
        """Fits and writes the preset, or shrinks it; returns a line that says so, and adds to the JSON `values`."""
        from babble_jax.timing.fitting import fit_timing, shrink_timing
        from babble_jax.timing.pooling.scoring_text import format_pooling_scores

        name = self.name or (self.out.stem if self.out is not None else "")
        if prior is not None:
            definitions = None if self.definitions == Definitions() else self.definitions
            preset, scores = shrink_timing(
                conversations, name, prior, definitions, floor=self.floor, families=self.families
            )
            values["prior"] = {"name": prior.name, "scores": [one.to_json() for one in scores]}
            if not self.json:
                print(f"\n{format_pooling_scores(scores, prior.name, len(conversations))}", flush=True)
        elif self.out is not None:
            preset = fit_timing(
                conversations,
                name,
                self.definitions,
                floor=self.floor,
                families=self.families,
                folds=self.folds,
                heldout=heldout,
                reports={self.fto_level: report} if self.by == "group" else {},
            )
        else:
            return ""
        if self.out is None:
            return ""
        preset.save(self.out)
        families_of_levels = ", ".join(
            f"{model.family} at level {fto_level}" for fto_level, model in preset.models.items()
        )
        floor_text = "no floor" if preset.floor is None else "with a floor"
        return f"{self.out}: timing preset {name} of {families_of_levels}; {floor_text}"

    def _predict(self, conversations: "Sequence[Conversation]", values: dict[str, Any]) -> None:
        """Fits the models that predict each offset, and prints their gain or adds it to the JSON `values`."""
        pooled, ablation = None, None
        if self.context is not None:
            from babble_jax.timing.evaluation.prediction.fit_context import fit_context

            result = fit_context(conversations, self.fto_level, self.context, self.definitions)
            pooled, ablation = result.pooled.to_json() if self.pooled else None, result.ablation
        else:
            from babble_jax.timing.prediction.pooled import fit_pooled

            pooled = fit_pooled(conversations, self.fto_level, self.definitions).to_json()
        values |= {"pooled": pooled} if pooled else {}
        values |= {"context": ablation.to_json()} if ablation else {}
        if self.json:
            return
        if pooled:
            se = "" if pooled["se"] is None else f" ({pooled['se']:.4f})"
            print(
                f"\nwith dyads and speakers {pooled['heldout_nats']:.4f} nats: gain {pooled['gain']:.4f}{se}"
            )
        if ablation:
            from babble_jax.timing.evaluation.prediction.ablation_text import format_ablation

            print(f"\n{format_ablation(ablation)}")

    def _evaluate_floor(self, conversations: "Sequence[Conversation]") -> dict[str, Any]:
        from babble_jax.plural import plural
        from babble_jax.timing.evaluation.floor.comparison_picture import plot_floor_comparison
        from babble_jax.timing.evaluation.floor.evaluation import evaluate_floor
        from babble_jax.timing.evaluation.floor.evaluation_text import format_floor_evaluation

        values = evaluate_floor(conversations, self.definitions)
        if self.plot is not None:
            path = self.plot.with_name(f"{self.plot.stem}-floor.png")
            plot_floor_comparison(path, values, plural(values["calls"], "held-out conversation"))
        if not self.json:
            print(f"\n{format_floor_evaluation(values)}")
        return values
