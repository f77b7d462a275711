"""Laws of floor-transfer offsets."""

import dataclasses
import json
from pathlib import Path
from typing import Literal

from tyro.conf import Positional

from babble_jax.cli.telling import report_skipped
from babble_jax.timing.events.ipu import Definitions


@dataclasses.dataclass(frozen=True)
class Fit:
    """Fits families of distributions to floor-transfer offsets and ranks them on held-out conversations.

    Attributes:
      paths: annotation files or folders of them.
      format: ms98, rttm, mdtm, nxt, textgrid or table; found by content if absent.
      level: of the floor-transfer offsets: between IPUs, or between turns (without backchannels).
      definitions: what counts as which event.
      families: which to fit; all if absent.
      pooled: also fit dyads and sides, and tell what predicting each offset from the earlier ones of its
        conversation gains; takes minutes.
      json: print one JSON object, and nothing else, on standard output.
      plot: a PNG of the histogram with the fitted densities.
      out: a JSON file for a timing preset fitted on everything, which `babble converse --timing` takes.
      name: of that preset; its file's name if absent.
    """

    paths: Positional[tuple[Path, ...]]
    format: str | None = None
    level: Literal["ipu", "turn"] = "ipu"
    definitions: Definitions = Definitions()
    families: tuple[str, ...] = ()
    pooled: bool = False
    json: bool = False
    plot: Path | None = None
    out: Path | None = None
    name: str | None = None

    def run(self) -> None:
        """Reads, fits, prints."""
        from babble_jax.conversation.reading import read
        from babble_jax.timing.distributions.families import FAMILIES
        from babble_jax.timing.distributions.fit import fit
        from babble_jax.timing.distributions.picture import plot_offsets
        from babble_jax.timing.events import offsets
        from babble_jax.timing.preset import make_preset

        reading = read(self.paths, self.format)
        report = fit(reading.conversations, self.level, self.definitions, self.families or tuple(FAMILIES))
        if self.plot is not None:
            values = offsets(reading.conversations, self.level, self.definitions).value
            plot_offsets(self.plot, values, {family.name: family.params for family in report.families})
        if self.out is not None:
            make_preset(reading.conversations, self.name or self.out.stem, self.definitions).save(self.out)
        pooled = None
        if self.pooled:
            from babble_jax.timing.sequential.pooled import fit_pooled

            pooled = fit_pooled(reading.conversations, self.level, self.definitions).to_json()
        if self.json:
            printed = report.to_json() | ({"pooled": pooled} if pooled else {})
            print(json.dumps(printed, ensure_ascii=False))
            return
        report_skipped(reading.skipped)
        print(
            f"level {report.level}: fitted on {report.train.offsets} offsets of {report.train.conversations}"
        )
        print(f"conversations, scored on {report.heldout.offsets} of {report.heldout.conversations} others\n")
        print(f"{'family':16} {'nats per offset':>16} {'CRPS (s)':>10}")
        for family in report.families:
            print(f"{family.name:16} {family.heldout_nats:16.4f} {family.crps:10.4f}")
        if pooled:
            se = "" if pooled["se"] is None else f" ({pooled['se']:.4f})"
            print(f"\nwith dyads and sides {pooled['heldout_nats']:.4f} nats: gain {pooled['gain']:.4f}{se}")
