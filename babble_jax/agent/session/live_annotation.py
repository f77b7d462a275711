"""The annotation of a session that still runs, in the formats that people open.

The writers of `conversation.formats` make each file anew from all segments, which takes 60 ms for an hour of talk: too
long beside a voice that must answer within 10 ms. Here the text of an IPU is made once, when it is over, and a refresh
joins the texts. When the session is over, those writers write the files.
"""

from pathlib import Path
from typing import NamedTuple

from babble_jax import files
from babble_jax.agent.session.ipu_tracker import SPEAKERS, Ipu, IpuTracker

SUFFIXES = (".TextGrid", ".eaf", ".rttm", ".csv")
"""Of the files of annotation."""
TABLE_HEAD = "conversation,speaker,start,end"
"""First line of the table among them."""

_TEXTGRID = 'File type = "ooTextFile"\nObject class = "TextGrid"\n\n0\n{end}\n<exists>\n2\n{tiers}'
_TIER = '"IntervalTier"\n"{name}"\n0\n{end}\n{count}\n{intervals}'
_EAF = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<ANNOTATION_DOCUMENT AUTHOR="babble_jax" DATE="1970-01-01T00:00:00+00:00" FORMAT="2.8" VERSION="2.8" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xsi:noNamespaceSchemaLocation="http://www.mpi.nl/tools/elan/EAFv2.8.xsd">\n'
    '<HEADER MEDIA_FILE="" TIME_UNITS="milliseconds"><MEDIA_DESCRIPTOR MEDIA_URL="{sound}" '
    'RELATIVE_MEDIA_URL="./{sound}" MIME_TYPE="audio/x-wav" /></HEADER>\n'
    "<TIME_ORDER>\n{slots}</TIME_ORDER>\n{tiers}"
    '<LINGUISTIC_TYPE LINGUISTIC_TYPE_ID="default-lt" TIME_ALIGNABLE="true" GRAPHIC_REFERENCES="false" />\n'
    "</ANNOTATION_DOCUMENT>\n"
)
_EAF_TIER = (
    '<TIER TIER_ID="{name}" PARTICIPANT="{name}" LINGUISTIC_TYPE_REF="default-lt">\n{annotations}</TIER>\n'
)


class _Texts(NamedTuple):
    """Lines of one IPU in each format: intervals and their number, time slots, annotation, rows."""

    intervals: str
    interval_count: int
    slots: str
    annotation: str
    rttm: str
    row: str


class _SpeakerTexts:
    """The IPUs of one side whose texts are made.

    Args:
      name: of the speaker.
      channel: its number, from 1.
      rate: Hz.
      id: of the conversation.
    """

    def __init__(self, name: str, channel: int, rate: int, id: str):
        self._name, self._channel, self._rate, self._id = name, channel, rate, id
        self._last = 0  # sample at which the last one ended
        self.texts: list[_Texts] = []

    def add(self, ipu: Ipu) -> None:
        """Makes the texts of an IPU that is over."""
        self.texts.append(self.describe(ipu))
        self._last = ipu.end

    def describe(self, ipu: Ipu) -> _Texts:
        """Makes the texts of the IPU that follows those that are over."""
        number = len(self.texts) + 1
        label, slot = f"{self._name}{number}", f"{self._name}-{number}"
        onset, end = ipu.onset / self._rate, ipu.end / self._rate
        gap = f'{self._last / self._rate}\n{onset}\n""\n' if ipu.onset > self._last else ""
        return _Texts(
            intervals=f'{gap}{onset}\n{end}\n"{label}"\n',
            interval_count=1 + bool(gap),
            slots=f'<TIME_SLOT TIME_SLOT_ID="{slot}-on" TIME_VALUE="{round(1000 * onset)}" />\n'
            f'<TIME_SLOT TIME_SLOT_ID="{slot}-end" TIME_VALUE="{round(1000 * end)}" />\n',
            annotation=f'<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="{slot}" TIME_SLOT_REF1="{slot}-on" '
            f'TIME_SLOT_REF2="{slot}-end"><ANNOTATION_VALUE>{label}</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION>'
            "</ANNOTATION>\n",
            rttm=f"SPEAKER {self._id} {self._channel} {onset:.6f} {end - onset:.6f} <NA> <NA> {self._name} <NA> <NA>\n",
            row=f"{self._id},{self._name},{onset:.6f},{end:.6f}\n",
        )

    def textgrid(self, texts: list[_Texts], last: int, now: int) -> str:
        """Returns the tier of a TextGrid.

        Args:
          texts: of all IPUs.
          last: sample at which the last of them ends.
          now: samples of sound so far.
        """
        end = now / self._rate
        rest = f'{last / self._rate}\n{end}\n""\n' if last < now else ""
        return _TIER.format(
            name=self._name,
            end=end,
            count=sum(one.interval_count for one in texts) + bool(rest),
            intervals="".join(one.intervals for one in texts) + rest,
        )

    def running(self, ipus: list[Ipu], now: int) -> tuple[list[_Texts], int]:
        """Returns the texts of all IPUs, and the sample at which the last of them ends.

        Args:
          ipus: none, or the one that is not over.
          now: samples of sound so far, at which it is cut.
        """
        for ipu in ipus:
            cut = Ipu(max(ipu.onset, self._last), min(ipu.end, now))
            if cut.end > cut.onset:
                return [*self.texts, self.describe(cut)], cut.end
        return self.texts, self._last


class LiveAnnotation:
    """The annotation so far.

    Args:
      sound: path of the session's sound, beside which the files stand.
      sample_rate: Hz.
      tracker: of the IPUs.
    """

    def __init__(self, sound: Path, sample_rate: int, tracker: IpuTracker):
        self._sound, self._rate, self._tracker = sound, sample_rate, tracker
        self._speakers = [
            _SpeakerTexts(name, i + 1, sample_rate, sound.stem) for i, name in enumerate(SPEAKERS)
        ]
        self.size = 0

    def write(self, now: int) -> None:
        """Writes all files, each whole or not at all; `size` is then the number of their characters.

        Args:
          now: samples of sound so far, at least one.

        Raises:
          BabbleError: a file cannot be written.
        """
        texts_of, lasts = [], []
        for who, speaker in enumerate(self._speakers):
            for ipu in self._tracker.final(who)[len(speaker.texts) :]:
                speaker.add(ipu)
            texts, last = speaker.running(self._tracker.open(who, now), now)
            texts_of.append(texts)
            lasts.append(last)
        now = max(now, *lasts)
        rows = [one for texts in texts_of for one in texts]
        tiers = zip(self._speakers, texts_of, lasts, strict=True)
        contents = (
            _TEXTGRID.format(
                end=now / self._rate,
                tiers="".join(speaker.textgrid(texts, last, now) for speaker, texts, last in tiers),
            ),
            _EAF.format(
                sound=self._sound.name,
                slots="".join(one.slots for one in rows),
                tiers="".join(
                    _EAF_TIER.format(name=name, annotations="".join(one.annotation for one in texts))
                    for name, texts in zip(SPEAKERS, texts_of, strict=True)
                ),
            ),
            "".join(one.rttm for one in rows),
            f"{TABLE_HEAD}\n" + "".join(one.row for one in rows),
        )
        for suffix, text in zip(SUFFIXES, contents, strict=True):
            files.write_text(self._sound.with_suffix(suffix), text)
        self.size = sum(map(len, contents))
