"""Writes one version of an item: sound, annotation, and the times that are measured in the file.

Axes: N IPUs, M floor transfers.
"""

from pathlib import Path
from typing import Any

import numpy as np

from babble_jax.conversation import writing
from babble_jax.dialogue.manifest import describe_rendering
from babble_jax.dialogue.render import Rendering
from babble_jax.stimuli.delivery import name_files, read_delivered, write_stimulus
from babble_jax.stimuli.items import Item, pad
from babble_jax.stimuli.lists import Assignment
from babble_jax.stimuli.measurement import TransferTimes, locate_turns, measure_transfers
from babble_jax.stimuli.sounds import ItemSounds, rename
from babble_jax.stimuli.spec.levels import Treatment
from babble_jax.stimuli.specification import StimulusSpec


def write_version(
    folder: Path,
    name: str,
    spec: StimulusSpec,
    item: Item,
    assignment: Assignment,
    treatment: Treatment,
    sounds: ItemSounds,
) -> dict[str, Any]:
    """Writes one stimulus and describes it for the manifest.

    Args:
      folder: of the files.
      name: of the stimulus.
      spec: of the set.
      item: of which it is a version.
      assignment: who starts on which channel with which voice.
      treatment: of its condition.
      sounds: of the item.

    Returns:
      JSON values.

    Raises:
      BabbleError: the item cannot be planned, manipulated, spoken or written so.
    """
    output = spec.output
    final = pad(item.plan(treatment, assignment, spec.seed), output.lead_in, output.lead_out)
    rendering = sounds.render(
        rename(final.dialogue, name), final.number, treatment.degrade, treatment.delivery
    )
    rate = rendering.placement.rate
    write_stimulus(folder, name, rendering.audio, rate, output)
    first, mono = name_files(name, output)
    writing.write_all(folder / first, rendering.dialogue, rendering.placement.number)
    onsets = locate_turns(read_delivered(folder / first), rendering)
    turns = len(spec.turn_script) if spec.design == "exact" else None
    transfers = measure_transfers(rendering, onsets, final.definitions, turns)
    detectable = not item.turns and treatment.degrade is None and output.level is None
    values = describe_rendering(rendering, detectable)
    for row, ipu in enumerate(values["ipus"]):
        ipu["measured_onset"] = round(float(onsets[row]), 7)
        files_of_turn = item.files.get(int(rendering.placement.number[row]))
        if files_of_turn is not None:
            ipu |= {"key": None, "recordings": list(files_of_turn)}
    return {
        "file": first,
        "file_mono": mono,
        "draw": item.draw,
        "starts": final.dialogue.speakers[final.dialogue.speaker[0]],
        "timing": final.record,
        "degrade": treatment.to_json().get("degrade"),
        **({} if treatment.prosody is None else {"prosody": str(treatment.delivery)}),
        **values,
        **_describe_transfers(rendering, onsets, transfers, None if turns is None else spec.critical_turn),
    }


def _describe_transfers(
    rendering: Rendering, onsets: np.ndarray, transfers: TransferTimes, critical: int | None
) -> dict[str, Any]:
    """Describes floor transfers as JSON values, times in ms.

    Args:
      rendering: the stimulus.
      onsets: [N] seconds, measured.
      transfers: of the stimulus.
      critical: number of the turn that the levels are about, from 0; None for the last floor transfer.
    """
    placement, names = rendering.placement, rendering.dialogue.speakers
    ends = onsets + placement.samples / placement.rate
    rows = []
    for previous, incoming, requested, measured in zip(
        transfers.previous, transfers.incoming, transfers.requested, transfers.measured, strict=True
    ):
        rows.append(
            {
                "previous": f"{names[placement.speaker[previous]]}{placement.number[previous] + 1}",
                "incoming": f"{names[placement.speaker[incoming]]}{placement.number[incoming] + 1}",
                "fto_requested_ms": _milliseconds(requested),
                "fto_measured_ms": _milliseconds(measured),
                "previous_end_ms": _milliseconds(ends[previous]),
                "turn_onset_ms": _milliseconds(onsets[incoming]),
                "turn_end_ms": _milliseconds(ends[incoming]),
            }
        )
    last = critical - 1 if critical is not None else len(rows) - 1
    return {
        "transfers": rows,
        "critical": rows[last] if 0 <= last < len(rows) else None,
        "worst_error_ms": _milliseconds(transfers.worst_error),
    }


def _milliseconds(seconds: Any) -> float:
    return round(1000 * float(seconds), 3) + 0.0  # no minus zero
