"""Phones that are known, aligned with recordings."""

import dataclasses
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar

from tyro.conf import Positional, arg

from babble_jax.cli.ears import EAR, MatchName
from babble_jax.cli.messages import print_json, print_line
from babble_jax.errors import BabbleError

if TYPE_CHECKING:
    import numpy as np

    from babble_jax.cli.align_pairs import Pair
    from babble_jax.cli.phone_files import ChannelPhones
    from babble_jax.ear.ear import Ear

_TEXT = arg(
    metavar="[TEXT]",
    help="What is said: phones with blanks between them, in quotes; a file of phones (.lab, .TextGrid, .txt); or a "
    "folder of such files with the names of the recordings. By default such files beside the recordings. A silence "
    "among the phones says where a pause may stand.",
)
_DOUBTFUL = 0.3
"""Mean confidence below which the phones are hardly those that are said."""


@dataclasses.dataclass(frozen=True)
class Align:
    """Aligns recordings with the phones that are said in them.

    The phones are known, in their order, and the ear finds when each begins and ends. Where the labels have times
    already, it is said how far from them the new ones lie.

    Attributes:
      sound: Sound file, or folder of sound files.
      text: What is said.
      ear: Ear that knows the phones.
      channel: Channel of a recording with several: a number from 1, or mean for their mean.
      tier: Name of the tier of phones in TextGrids, where it is guessed otherwise.
      match: auto brings a recording through another microphone than that of the ear's training to the spectrum of
        that, and says so; off aligns it as it is.
      out: Folder for a TextGrid of each file and a table of all phones, phones.csv. It must not exist yet; see
        --overwrite.
      overwrite: Replace earlier phones in the output folder.
      json: Print one JSON object on standard output, and nothing else.
    """

    QUOTED: ClassVar[str] = "TEXT"
    sound: Annotated[Positional[Path], arg(metavar="SOUND", help_behavior_hint="(required)")]
    text: Annotated[Positional[str | None], _TEXT] = None
    ear: Annotated[str | None, EAR] = None
    channel: str | None = None
    tier: str | None = None
    match: MatchName = "auto"
    out: Path | None = None
    overwrite: bool = False
    json: bool = False

    def run(self) -> None:
        """Aligns each recording and prints the times, or writes them."""
        import numpy as np

        from babble_jax.cli.align_pairs import PairReader
        from babble_jax.cli.ears import open_ear, print_known, print_match
        from babble_jax.cli.phone_files import (
            check_phone_folder,
            format_rows,
            summarize,
            write_phone_files,
        )
        from babble_jax.cli.sound_channels import EACH, parse_channel
        from babble_jax.pretrained.ear_recordings import load_digests
        from babble_jax.progress import Progress

        if parse_channel(self.channel) == EACH:
            raise BabbleError("--channel is each, but one text is of one channel; give its number, or mean.")
        check_phone_folder(self.out, self.overwrite)
        ear, name = open_ear(self.ear)
        pairs = PairReader(ear.config, self.tier).read(self.sound, self.text)
        training_digests = load_digests(name)
        recordings, sources, errors, failures = [], [], [], []
        with Progress("aligning", len(pairs), "recordings", shown=len(pairs) > 1) as progress:
            for pair in pairs:
                try:
                    recordings.append(self._align(pair, ear, training_digests))
                    sources.append(pair.source)
                    errors.append(_onset_errors(pair, recordings[-1], ear.config.silence))
                except BabbleError as error:
                    if len(pairs) == 1:
                        raise
                    failures.append(str(error))
                progress.update()
        if not recordings:
            raise BabbleError(f"None of {len(pairs)} recordings could be aligned: {failures[0]}")
        for failure in failures:
            print_line(f"left out: {failure}", sys.stderr)
        for phones in recordings:
            print_known(phones.name, phones.is_known)
            print_match(phones.name, phones.match, phones.is_known)
            if doubt := _doubt(phones, ear.config.silence):
                print_line(doubt, sys.stderr)
        measured = [one for one in errors if one is not None]
        error = np.abs(np.concatenate(measured)) if measured else np.zeros(0)
        if self.out is not None:
            write_phone_files(self.out, recordings, name, ear.config.silence, self.overwrite)
        if self.json:
            files = [one.values() | {"text": text} for one, text in zip(recordings, sources, strict=True)]
            values = {"ear": name, "card": ear.card, "files": files, "left_out": failures}
            values["onset_error"] = _error_values(error)
            print_json(values)
            return
        for phones, source in zip(recordings, sources, strict=True):
            print_line(f"{summarize(phones, ear.config.silence)}; by {source}")
            if self.out is None:
                print("\n".join(format_rows(phones)))
        if len(error):
            median, high = (1000 * float(one) for one in np.quantile(error, (0.5, 0.95)))
            print_line(
                f"onsets of {len(error)} phones beside those of the labels: half of them within {median:.0f} ms, "
                f"95 % within {high:.0f} ms"
            )
        if self.out is not None:
            print_line(self.out)

    def _align(self, pair: "Pair", ear: "Ear", training_digests: frozenset[str] | None) -> "ChannelPhones":
        """Aligns a recording with what is said in it.

        Args:
          pair: recording and phones.
          ear: the ear.
          training_digests: recordings of its training; None where they are not known.

        Raises:
          BabbleError: it has several channels, is too short for the phones, or silent.
        """
        import numpy as np

        from babble_jax.cli.phone_files import ChannelPhones
        from babble_jax.cli.sound_channels import open_channels, parse_channel
        from babble_jax.ear.matching import find_match
        from babble_jax.pretrained.ear_recordings import is_among
        from babble_jax.pretrained.hearing import align_matched, hear_blocks

        channels = open_channels(pair.path, parse_channel(self.channel))
        if len(channels) > 1:
            raise BabbleError(
                f"{pair.path}: has {len(channels)} different channels; say by --channel of which the text is."
            )
        audio = np.concatenate([*channels[0].blocks(ear.config.sample_rate)])
        is_known = is_among(pair.path, training_digests)
        match = find_match([audio], ear.config, ear.card, self.match == "auto" and not is_known)
        try:
            segments = align_matched(audio, pair.symbols, ear, match)
        except BabbleError as error:
            raise BabbleError(f"{pair.path}: {error}") from error
        phones = ChannelPhones(pair.path, channels[0].number, channels[0].seconds, segments, match, is_known)
        silence = ear.config.silence
        if _doubt(phones, silence) and not len(hear_blocks([audio], ear, 0, match=match).without((silence,))):
            raise BabbleError(
                f"{phones.name}: is silent: the ear hears no phone in it, so that there is nothing to align; check the "
                "recording and its channels."
            )
        return phones


def _doubt(phones: "ChannelPhones", silence: str) -> str:
    """Says in a sentence that phones hardly match their recording; nothing where they do."""
    confidence = phones.segments.without((silence,)).confidence.mean()
    if confidence >= _DOUBTFUL:
        return ""
    return (
        f"{phones.name}: the phones hardly match the sound (mean confidence {confidence:.2f}); check that they are "
        "what is said there. A voice or a language that the ear was not trained on does the same."
    )


def _onset_errors(pair: "Pair", phones: "ChannelPhones", silence: str) -> "np.ndarray | None":
    """Returns how much later each phone begins than its label says, [N] seconds; None where labels have no times."""
    onset = phones.segments.without((silence,)).onset
    return None if pair.onset is None or len(pair.onset) != len(onset) else onset - pair.onset


def _error_values(error: "np.ndarray") -> dict[str, float | int] | None:
    """Returns what the JSON output holds of distances [N] from the onsets of labels; None without any."""
    import numpy as np

    if not len(error):
        return None
    median, high = np.quantile(error, (0.5, 0.95))
    return {"phones": len(error), "median_seconds": float(median), "p95_seconds": float(high)}
