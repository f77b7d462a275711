"""The phones of recordings."""

import dataclasses
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from tyro.conf import Positional, arg

from babble_jax.cli.ears import EAR, MatchName
from babble_jax.cli.messages import print_json, print_line
from babble_jax.errors import BabbleError

if TYPE_CHECKING:
    from babble_jax.cli.sound_channels import SoundChannel
    from babble_jax.ear.ear import Ear
    from babble_jax.ear.matching import SoundMatch
    from babble_jax.ear.segments import PhoneSegments

_LONG = 60
"""Seconds from which on it is shown how far the ear is."""


@dataclasses.dataclass(frozen=True)
class Hear:
    """Hears the phones of recordings, each with its times.

    An ear is a small network that was trained on recordings with labels. It hears the phones of its own language, in
    all other sounds those that are most like them; its card says how often it is wrong. A long recording is cut at
    pauses and takes no more memory than a short one.

    Attributes:
      files: Sound files of any type, rate and length, or folders of them.
      ear: Ear that listens.
      channel: Channel of a recording with several: a number from 1, each for every channel by itself, or mean for
        their mean. By default each, unless the channels hold the same sound.
      beam: Number of strings that a search follows, in which the n-gram of the ear weighs sequences of phones. 0 takes
        the most probable phone of each moment. By default as many as the ear was tuned with.
      match: auto brings a recording through another microphone than that of the ear's training to the spectrum of
        that, and says so; one of that training stays as it is. off hears all as they are.
      out: Folder for a TextGrid of each file and a table of all phones, phones.csv. It must not exist yet; see
        --overwrite.
      overwrite: Replace earlier phones in the output folder.
      json: Print one JSON object on standard output, and nothing else.
    """

    files: Annotated[Positional[tuple[Path, ...]], arg(metavar="SOUND...", help_behavior_hint="(required)")]
    ear: Annotated[str | None, EAR] = None
    channel: str | None = None
    beam: int | None = None
    match: MatchName = "auto"
    out: Path | None = None
    overwrite: bool = False
    json: bool = False

    def run(self) -> None:
        """Hears each file and prints its phones, or writes them."""
        from babble_jax.cli.ears import open_ear, print_known, print_match
        from babble_jax.cli.phone_files import (
            ChannelPhones,
            check_phone_folder,
            doubt_speech,
            format_rows,
            summarize,
            write_phone_files,
        )
        from babble_jax.cli.sound_channels import open_channels, parse_channel
        from babble_jax.pretrained.ear_recordings import is_among, load_digests
        from babble_jax.pretrained.hearing import check_beam

        check_beam(self.beam)
        channel = parse_channel(self.channel)
        paths = _list_files(self.files)
        check_phone_folder(self.out, self.overwrite)
        ear, name = open_ear(self.ear)
        training_digests = load_digests(name)
        recordings, failures = [], []
        for path in paths:
            try:
                channels = open_channels(path, channel)
                is_known = is_among(path, training_digests)
                print_known(str(path), is_known)
                for one in channels:
                    phones = ChannelPhones(
                        path, one.number, one.seconds, *self._hear(one, ear, is_known), is_known
                    )
                    recordings.append(phones)
                    print_match(phones.name, phones.match, is_known)
                    if doubt := doubt_speech(phones, ear.config.silence):
                        print_line(doubt, sys.stderr)
                    if not self.json:
                        print_line(summarize(phones, ear.config.silence))
                    if not self.json and self.out is None:
                        print("\n".join(format_rows(phones)))
            except BabbleError as error:
                if len(paths) == 1:
                    raise
                failures.append(str(error))
                print_line(f"left out: {error}", sys.stderr)
        if not recordings:
            raise BabbleError(f"None of {len(paths)} files could be heard: {failures[0]}")
        if self.out is not None:
            write_phone_files(self.out, recordings, name, ear.config.silence, self.overwrite)
        if self.json:
            files = [phones.values() for phones in recordings]
            print_json({"ear": name, "card": ear.card, "files": files, "left_out": failures})
        elif self.out is not None:
            print_line(self.out)

    def _hear(
        self, channel: "SoundChannel", ear: "Ear", is_known: bool | None
    ) -> "tuple[PhoneSegments, SoundMatch]":
        """Hears a channel, and shows how far it is; returns how it was matched, too.

        Args:
          channel: of a recording.
          ear: the ear.
          is_known: whether the ear was trained on the recording, whose spectrum is then left as it is.
        """
        from babble_jax.ear.matching import find_match
        from babble_jax.pretrained.hearing import hear_blocks
        from babble_jax.progress import Progress

        rate, count = ear.config.sample_rate, 0
        name, total = channel.file.path.name, round(channel.seconds)
        with Progress(f"hearing {name}", total, "s of sound", shown=total >= _LONG) as progress:

            def advance(samples: int) -> None:
                nonlocal count
                before, count = count // rate, count + samples
                progress.update(count // rate - before)

            match = find_match(
                channel.blocks(rate), ear.config, ear.card, self.match == "auto" and not is_known
            )
            return hear_blocks(channel.blocks(rate), ear, self.beam, advance, match), match


def _list_files(paths: Sequence[Path]) -> list[Path]:
    """Lists sound files, those of folders among them.

    Raises:
      BabbleError: there is none, or one is named twice.
    """
    from babble_jax.dataset.preparation import list_sound_files
    from babble_jax.input_files import is_folder

    listed: list[Path] = []
    for path in paths:
        if is_folder(path):
            names = list_sound_files(path)
            if not names:
                raise BabbleError(f"{path}: holds no sound file; check the folder.")
            listed += [path / name for name in names]
        else:
            listed.append(path)
    if not listed:
        raise BabbleError("There is no file to hear; name one or more sound files.")
    if len({str(path) for path in listed}) < len(listed):
        raise BabbleError("A file is named twice; name each once.")
    return listed
