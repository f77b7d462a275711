"""Laws of floor-transfer offsets."""

import dataclasses
import json
from pathlib import Path
from typing import Literal

from tyro.conf import Positional

from babble_jax.cli.messages import report_skipped
from babble_jax.timing.events.ipu import Definitions


@dataclasses.dataclass(frozen=True)
class Fit:
    """Fits families of distributions to floor-transfer offsets and ranks them on held-out conversations.

    Attributes:
      paths: annotation files or folders of them; or recordings with a channel per speaker.
      format: ms98, rttm, mdtm, nxt, textgrid, elan, chat, table or channels (recordings, a speaker on each
        channel); found by content if absent.
      level: of the floor-transfer offsets: between IPUs, or between turns (without backchannels).
      definitions: what counts as which event.
      families: which to fit; all if absent.
      by: what the split keeps together: groups of people, or the incoming speaker where the names are of people.
      pooled: also fit dyads and sides, and tell what predicting each offset from the earlier ones of its
        conversation gains; takes minutes.
      json: print one JSON object, and nothing else, on standard output.
      plot: a PNG of the held-out offsets and the fitted laws: densities, quantiles, PIT.
      out: a JSON file for a timing preset fitted on everything, which `babble converse --timing` takes.
      name: of that preset; its file's name if absent.
      simulator: fit the floor simulator into the preset, too, for `babble simulate`; takes minutes.
    """

    paths: Positional[tuple[Path, ...]]
    format: str | None = None
    level: Literal["ipu", "turn"] = "ipu"
    definitions: Definitions = Definitions()
    families: tuple[str, ...] = ()
    by: Literal["group", "speaker"] = "group"
    pooled: bool = False
    json: bool = False
    plot: Path | None = None
    out: Path | None = None
    name: str | None = None
    simulator: bool = False

    def run(self) -> None:
        """Reads, fits, prints."""
        from babble_jax import files
        from babble_jax.conversation.reading import read
        from babble_jax.timing.distributions.families import FAMILIES
        from babble_jax.timing.evaluation.offsets.ranking import fit
        from babble_jax.timing.evaluation.offsets.ranking_picture import plot_offsets
        from babble_jax.timing.evaluation.offsets.ranking_text import report_text
        from babble_jax.timing.preset import make_preset

        for path in (self.plot, self.out):
            if path is not None:
                files.check_writable(path)
        reading = read(self.paths, self.format)
        report_skipped(reading.skipped)
        families = self.families or tuple(FAMILIES)
        report = fit(reading.conversations, self.level, self.definitions, families, self.by)
        if self.plot is not None:
            laws = {family.name: family.params for family in report.families}
            plot_offsets(self.plot, report.values, laws, width=report.width)
        if self.out is not None:
            name = self.name or self.out.stem
            preset = make_preset(reading.conversations, name, self.definitions, simulator=self.simulator)
            preset.save(self.out)
        pooled = None
        if self.pooled:
            from babble_jax.timing.prediction.pooled import fit_pooled

            pooled = fit_pooled(reading.conversations, self.level, self.definitions).to_json()
        if self.json:
            printed = report.to_json() | ({"pooled": pooled} if pooled else {})
            print(json.dumps(printed, ensure_ascii=False, allow_nan=False))
            return
        print(report_text(report))
        if pooled:
            se = "" if pooled["se"] is None else f" ({pooled['se']:.4f})"
            print(f"\nwith dyads and sides {pooled['heldout_nats']:.4f} nats: gain {pooled['gain']:.4f}{se}")
