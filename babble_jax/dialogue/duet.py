"""Makes dialogues of babblers on disk: sound, annotation, figures, and the table of events.

Axes: C speakers, T samples.
"""

import dataclasses
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from babble_jax import files
from babble_jax.arguments import check_arguments
from babble_jax.audio import wave
from babble_jax.conversation import writing
from babble_jax.conversation.conversation import Conversation
from babble_jax.dialogue import browse as browsing
from babble_jax.dialogue import timeline
from babble_jax.dialogue.card_levels import level_voice
from babble_jax.dialogue.event_table import compare_events, format_event_table
from babble_jax.dialogue.ftos_picture import plot_ftos
from babble_jax.dialogue.harmonics import plot_harmonics
from babble_jax.dialogue.manifest import describe_dialogue
from babble_jax.dialogue.names import speaker_names
from babble_jax.dialogue.pieces import LOWER, TYPICAL, UPPER, Pieces, check_pooled_hours, pool_hours
from babble_jax.dialogue.plan import AUDIO, Plan, draw_plan, name_speakers
from babble_jax.dialogue.read_folder import KIND
from babble_jax.dialogue.render import Rendering, render
from babble_jax.errors import BabbleError
from babble_jax.files import MANIFEST, atomic_folder
from babble_jax.presets.registry import DEFAULT_VOICE
from babble_jax.pretrained.pair import VoiceLike, make_babbler_pair
from babble_jax.timing.events import count_events, ipus, pool_ftos, transitions
from babble_jax.timing.preset import TimingPreset, load_timing
from babble_jax.voice.babbler import Babbler
from babble_jax.voice.conditioning.prosody import NEUTRAL, Prosody


@dataclasses.dataclass(frozen=True, eq=False)
class DuetReport:
    """A dialogue on disk.

    Attributes:
      folder: of its files.
      dialogue: the IPUs at the times in the sound.
      table: of its events beside those of its reference; JSON values.
    """

    folder: Path
    dialogue: Conversation
    table: dict[str, Any]

    @property
    def text(self) -> str:
        """The table, laid out for a terminal."""
        return format_event_table(self.table)


@check_arguments
def converse(
    out: str | os.PathLike,
    *,
    timing: TimingPreset | str | os.PathLike = "switchboard",
    voices: VoiceLike | Sequence[VoiceLike] = DEFAULT_VOICE,
    speakers: Sequence[str] = (),
    language: str | None = None,
    seconds: float = 60.0,
    seed: int = 0,
    temperature: float | None = None,
    top_k: int = 0,
    prosody: Prosody | Sequence[Prosody] = NEUTRAL,
    item: int = 0,
    typical: int = TYPICAL,
    pooled_hours: float = 0.0,
    browse: bool = False,
    overwrite: bool = False,
) -> DuetReport:
    """Draws a dialogue from a preset's floor, lets two babblers perform it and writes it into a folder, see `perform`.

    A minute of conversation may be far from the average by chance alone. So many dialogues are drawn, and the one that
    is performed is the most typical of them, by the rows of the table of events.

    Args:
      out: the folder, new or empty, or that of an earlier dialogue if `overwrite` says so.
      timing: a timing preset with a floor for two, its name, or its file.
      voices: one or two voices, their names or folders; or two babblers. One voice gives its first two speakers or, if
        it has one, that one at two pitches.
      speakers: names, one for each voice or two for the only one; empty for the first ones.
      language: name of the language of voices that speak phones; None for each voice's first.
      seconds: length of the dialogue.
      seed: of plan and babble; the same seed gives the same bytes.
      temperature: sampling temperature of the voices; None for each voice's own.
      top_k: number of the most likely quantization levels to sample from; 0 for all.
      prosody: how both speak, or each of two; its level does nothing, since both are brought to one level.
      item: number of the dialogue within a series with one seed.
      typical: number of dialogues that are drawn, of which the most typical one is performed; 1 takes the first one as
        it comes. Of long dialogues fewer are drawn, a hundred hours in all.
      pooled_hours: hours of dialogue that are drawn, too, without sound, and whose pooled figures stand in the table;
        0 for none.
      browse: write `index.html`, too: one page with the sound, the timeline, the table and the pictures.
      overwrite: replace an earlier dialogue; other content is never replaced.

    Returns:
      The report: `folder`, `dialogue` (who speaks when in the sound), `table`, and `text`, the table to print.

    Raises:
      BabbleError: no such preset or voice; the preset holds no floor for two, the length or the seed is out of range, a
        voice is silent, or `out` may not be written.

    Examples:
      >>> duet = converse("duet", timing="switchboard", speakers=["woman", "man"], seconds=6, seed=1)
      >>> duet.dialogue.speakers
      ('woman', 'man')
      >>> sorted(path.name for path in duet.folder.glob("dialogue.*"))
      ['dialogue.TextGrid', 'dialogue.csv', 'dialogue.eaf', 'dialogue.rttm', 'dialogue.wav']
    """
    files.check_folder(out, KIND, overwrite)
    preset = timing if isinstance(timing, TimingPreset) else load_timing(timing)
    babblers = make_babbler_pair(voices, speakers, temperature, top_k, language, prosody)
    if seconds > 0:  # `draw_plan` refuses the rest
        wave.check_length(seconds, babblers[0].sample_rate, len(babblers))
    if browse:
        browsing.check_length(seconds)
    check_pooled_hours(pooled_hours)
    plan = name_speakers(draw_plan(preset, seconds, seed, item, typical), speaker_names(babblers))
    return perform(
        plan,
        babblers,
        seed,
        out,
        item=item,
        pooled_hours=pooled_hours,
        browse=browse,
        overwrite=overwrite,
    )


def perform(
    plan: Plan,
    babblers: Sequence[Babbler],
    seed: int,
    out: str | os.PathLike,
    *,
    item: int = 0,
    pooled_hours: float = 0.0,
    browse: bool = False,
    overwrite: bool = False,
) -> DuetReport:
    """Makes a planned dialogue of two babblers and writes it into a folder, all of it or nothing.

    The folder holds `dialogue.wav` (one channel per speaker), its annotation (`.TextGrid`, `.eaf`, `.rttm`,
    `.csv`), `manifest.json`, `timeline.png`, `ftos.png`, `spectrogram.png`, `table.json` and, where it is asked for,
    `index.html`. The same arguments give the same bytes. Progress goes to standard error.

    Args:
      plan: the timing, see `plan.draw_plan`, `plan.replay_plan` and `plan.manipulate_plan`.
      babblers: two voices of one sample rate.
      seed: of the babble.
      out: the folder, new or empty, or that of an earlier duet if `overwrite` says so.
      item: number of the dialogue within a series with one seed.
      pooled_hours: hours that are drawn from the plan's preset and pooled in the table; 0 for none.
      browse: write `index.html`, too.
      overwrite: replace an earlier duet; other content is never replaced.

    Raises:
      BabbleError: the plan is empty, or too long for a page; a voice is silent, or `out` may not be written.
    """
    if not len(plan.dialogue.onset):
        raise BabbleError(
            f"No IPU of the plan ends within {plan.dialogue.seconds:g} s; ask for more seconds, or another start."
        )
    if browse:
        browsing.check_length(plan.dialogue.seconds)
    with atomic_folder(out, KIND, overwrite) as folder, ThreadPoolExecutor(1) as beside:
        hours = _pool(plan, pooled_hours)
        voices = [level_voice(babbler) for babbler in babblers]
        drawing = beside.submit(plan.draw_pieces)  # while the voices speak
        rendering = render(plan.dialogue, voices, seed, item, plan.number)
        pieces = drawing.result()
        table = _tabulate(rendering.dialogue, plan, pieces, hours)
        plotting = beside.submit(_plot_pictures, folder, rendering, plan, pieces)
        _write_files(folder, rendering, table)
        plotting.result()
        if browse:
            browsing.write_page(folder, rendering, table, plan.definitions)
        files.write_json(folder / MANIFEST, describe_dialogue(rendering, seed, item, plan.record, folder))
    return DuetReport(Path(out), rendering.dialogue, table)


def _pool(plan: Plan, hours: float) -> dict[str, Any]:
    """Returns `hours` and the column `pooled` of a table; nothing for a replay, or for no hours."""
    if hours == 0 or plan.preset is None:
        return {}
    return {"hours": hours, "pooled": pool_hours(plan.preset, hours, int(plan.record["plan_seed"]))}


def _tabulate(
    dialogue: Conversation, plan: Plan, pieces: Pieces | None, pooled: dict[str, Any]
) -> dict[str, Any]:
    """Makes the table of the dialogue's events, as JSON values.

    Args:
      dialogue: with the times in the sound.
      plan: of the dialogue.
      pieces: of its length; None where there are none.
      pooled: see `_pool`.
    """
    columns, about = {}, {}
    if pieces is not None:
        columns |= {"low": pieces.quantile(LOWER), "high": pieces.quantile(UPPER)}
        about["pieces"] = {
            "number": len(pieces.values),
            "seconds": pieces.seconds,
            "quantiles": [LOWER, UPPER],
        }
    if pooled:
        columns["pooled"], about["hours"] = pooled["pooled"], pooled["hours"]
    if "typical" in plan.record:
        about["typical"] = plan.record["typical"]
    summary = count_events([dialogue], plan.definitions)
    return {**compare_events(summary, plan.reference, plan.name, **columns), **about}


def _write_files(folder: Path, rendering: Rendering, table: dict[str, Any]) -> None:
    """Writes sound, annotation and table.

    Args:
      folder: to write into.
      rendering: the dialogue in sound.
      table: of its events.
    """
    wave.write(folder / AUDIO, rendering.audio.T, rendering.placement.rate)
    writing.write_all(folder / AUDIO, rendering.dialogue, rendering.placement.number)
    files.write_json(folder / "table.json", table)


def _plot_pictures(folder: Path, rendering: Rendering, plan: Plan, pieces: Pieces | None) -> None:
    """Draws the pictures, one after the other: matplotlib draws in one thread at a time.

    Args:
      folder: to write into.
      rendering: the dialogue in sound.
      plan: of the dialogue.
      pieces: of its length; None where there are none.
    """
    dialogue, audio, rate = rendering.dialogue, rendering.audio, rendering.placement.rate
    runs = transitions(ipus(dialogue, plan.definitions))
    timeline.plot_timeline(folder / "timeline.png", dialogue, audio, rate, runs)
    fto = pool_ftos([dialogue], "ipu", plan.definitions).fto
    plot_ftos(folder / "ftos.png", fto, plan.density, plan.name, pieces)
    plot_harmonics(folder / "spectrogram.png", dialogue, audio, rate)
