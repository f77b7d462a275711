"""Labels of segments: silence, laughter and noise as the field writes them; every other label is speech.

A label is cut into groups in brackets and words. Where one of them is speech, the label is; otherwise it is laughter
where one is laughter, noise where one is noise, and silence else. Brackets are (), (()), [], <>, {}, a pair of
asterisks or slashes; case, and colons, slashes and dots at the edges, do not matter. Noise makes no segment: a breath
is addressed to nobody, and as speech it would hide the edge of a turn.

Sources: Praat manual (empty intervals); BAS Partitur and MAUS (`<p:>`, `<usb>`, `<nib>`; Schiel 1999); FAVE and P2FA
(`{SL} {NS} {LG} {BR} {CG} {LS}`; Yuan & Liberman 2008); Montreal Forced Aligner (`sil sp spn <eps>`; of these spn, an
unknown word, is speech); TIMIT (`h# pau epi`; Garofolo et al. 1993); Buckeye (`<SIL> <IVER> <VOCNOISE> <LAUGH>`; Pitt
et al. 2007); Switchboard MS98 (`[silence] [laughter] [vocalized-noise]`); CHAT (`&=laughs`, MacWhinney 2000); GAT 2
(`((lacht)) (.) (0.5) °h`; Selting et al. 2009); Jefferson's conventions (`.hh`, `((coughs))`); Santa Barbara (`@@`, Du
Bois 1991); Spoken Dutch Corpus (`ggg`; Oostdijk 2000).
"""

import re
from collections.abc import Sequence

import numpy as np

from babble_jax.conversation.annotation import SILENCE
from babble_jax.conversation.conversation import Mark
from babble_jax.conversation.layout.layout import Layout

NOISE = -2
"""Beside `SILENCE` and the values of `Mark`: noise and breath, which make no segment."""
MAX_LABEL_LENGTH = 200
"""Characters of a label that matter."""

SILENT_LABELS = frozenset(
    {
        "sil", "silence", "silent", "sp", "pau", "pause", "h#", "#h", "epi", "no speech", "nospeech", "no_speech",
        "non-speech",
        "nonspeech", "eps",
    }
)  # fmt: skip
"""Labels of silence, with brackets or without."""
SILENT_IN_BRACKETS = frozenset(
    {
        "p", "sl", "iver", "b_trans", "e_trans", "micropause", "short pause", "long pause", "gap", "pausa", "stille",
        "silencio", "silenzio", "break",
    }
)  # fmt: skip
NOISE_LABELS = frozenset({"noise", "nsn", "lipsmack", "lip smack"})
NOISE_IN_BRACKETS = frozenset({"ns", "br", "cg", "ls", "usb", "nib", "nz", "vocnoise", "bg", "tos", "tosse"})
VOCAL_LABELS = frozenset({"ggg", "vocal_noise", "vocalized-noise", "vocalized noise"})
LAUGHTER_IN_BRACKETS = frozenset({"lg", "lach", "ri", "rir", "rit", "rires"})
_LAUGHTER = re.compile(
    r"laugh|lacht|lachen|giggl|chuckl|snigger|rire|risa[st]?\b|ríe|risat|risos?\b|смех|смеё?тся|笑|웃"
)
_BREATH = re.compile(
    r"\b(?:breath|inhal|exhal|atmen|atmet|einat|ausat|respir|aspir|soup?ir|sigh|seufz|gasp|sniff|snort|schnief|"
    r"cough|hust|toux|tousse|throat|räusper|racle|carraspe|smack|schmatz|tongue|schnalz|yawn|gähn|sneez|nies[et]|"
    r"burp|hiccup|swallow|schluck|noise|geräusch|bruit|ruido|rumore|mus[iy][ckq]|applau|clap|whistl|"
    r"beep|rings|ringing|knock|static)"
)
_WORD_LAUGHTER = re.compile(
    r"laugh(?:s|ter|ing|ed)?|giggl(?:es?|ing)|chuckl(?:es?|ing)|@+|(?:h[aeiou]){2,}h?"
)
_WORD_BREATH = re.compile(
    r"breath(?:s|es|ing)?|inhal(?:es?|ing)|exhal(?:es?|ing)|coughs?|coughing|[.°]+h+[.°]*|h+°+"
)
_PAUSE = re.compile(r"[\s._\u2013\u2014…#=-]*|\d{1,3}(?:[.,]\d{1,3})?\s*(?:s|ms|sec)?")
_LENGTH = re.compile(r"[\s:=_-]{0,3}\d{1,3}(?:[.,]\d{1,3})?\s{0,3}(?:s|ms|secs?|seconds?)?$")
"""How long a pause is, as CORAAL writes it: `(pause 0.33)`."""
_SILENT_WORD = re.compile(r"[._\u2013\u2014…#-]+")
_PIECE = re.compile(
    r"\(\([^()]*\)\)|\([^()]*\)|\[[^\[\]]*\]|<[^<>]*>|\{[^{}]*\}|(?<!\S)/[^/\s]+/(?!\S)|\*[^*\s]+\*|[^\s()\[\]<>{}]+"
)
_BRACKETS = "<>[](){}/:* \t."


def classify_label(label: str) -> int:
    """Classifies a label that is not empty: a value of `Mark`, `SILENCE` or `NOISE`."""
    text = label[:MAX_LABEL_LENGTH].strip().lower()
    if text in SILENT_LABELS:
        return SILENCE
    if text in NOISE_LABELS:
        return NOISE
    classes = {_classify_piece(piece) for piece in _PIECE.findall(text)} or {Mark.SPEECH}
    for one in (Mark.SPEECH, Mark.VOCAL_NOISE, Mark.LAUGHTER, NOISE):
        if one in classes:
            return int(one)
    return SILENCE


def _classify_piece(piece: str) -> int:
    """Classifies a word, or a group with its brackets, in lower case."""
    bracketed = piece[0] in "([<{/*" and len(piece) > 1
    core = piece.strip(_BRACKETS)
    if core in VOCAL_LABELS:
        return Mark.VOCAL_NOISE
    if not bracketed:
        if core in SILENT_LABELS or _SILENT_WORD.fullmatch(piece):
            return SILENCE
        if core in NOISE_LABELS or _WORD_BREATH.fullmatch(piece):
            return NOISE
        return Mark.LAUGHTER if _WORD_LAUGHTER.fullmatch(piece) else Mark.SPEECH
    word = _LENGTH.sub("", core)
    if word in SILENT_LABELS or word in SILENT_IN_BRACKETS or _PAUSE.fullmatch(core):
        return SILENCE
    if core in LAUGHTER_IN_BRACKETS or (_LAUGHTER.search(core) and not re.match(r"laughter-\w", core)):
        return Mark.LAUGHTER
    if core in NOISE_IN_BRACKETS or _WORD_BREATH.fullmatch(core) or _BREATH.search(core):
        return NOISE
    return Mark.LAUGHTER if re.fullmatch("@+", core) else Mark.SPEECH


class LabelClasses(dict[str, int]):
    """Classes of labels, by the label: those of the user's patterns, then those of the field.

    Args:
      layout: with the patterns.
      empty: class of a label without text.
    """

    def __init__(self, layout: Layout, empty: int):
        super().__init__()
        self._layout, self._empty = layout, empty

    def __missing__(self, label: str) -> int:
        value = classify_by_pattern(self._layout, label)
        if value is None:
            value = classify_label(label) if label.strip() else self._empty
        self[label] = value
        return value

    def classify(self, labels: Sequence[str]) -> np.ndarray:
        """Classifies labels [N]: int8."""
        return np.fromiter((self[label] for label in labels), np.int8, len(labels))


def classify_by_pattern(layout: Layout, label: str) -> int | None:
    """Classifies a label by the user's patterns; None where none of them is found in it."""
    for name, value in (("silence", SILENCE), ("laughter", int(Mark.LAUGHTER)), ("noise", NOISE)):
        if layout.search(name, label):
            return value
    return None
