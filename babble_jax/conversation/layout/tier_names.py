"""Words in the names of tiers: those of a level at which speech is segmented, and those of what is no speech."""

import re
from typing import Literal, NamedTuple

Level = Literal["phone", "syllable", "word", "utterance", "translation"]

_WORDS: dict[Level, tuple[str, ...]] = {
    "phone": (
        "phone", "phones", "phoneme", "phonemes", "phonème", "phonèmes", "phonem", "phn", "phns", "phon",
        "phons", "mau", "sampa", "xsampa", "allophones", "segs", "vowel", "vowels", "consonant", "consonants",
    ),
    "syllable": (
        "syllable", "syllables", "syll", "sylls", "syllabe", "syllabes", "silbe", "silben", "mas",
    ),
    "word": (
        "word", "words", "wrd", "wort", "wörter", "token", "tokens", "tok", "toks", "mots", "palabra",
        "palabras", "parole", "woord", "woorden", "kan", "wordform",
    ),
    "utterance": (
        "utterance", "utterances", "utt", "utts", "turn", "turns", "ipu", "ipus", "sentence", "sentences",
        "sent", "phrase", "phrases", "chunk", "chunks", "transcript", "transcripts", "transcription",
        "transcriptions", "transcripción", "text", "txt", "speech", "ort", "ortho", "orthography",
        "orthographic", "orthographe", "spch", "trn", "trs", "rede", "äußerung", "äußerungen", "énoncé",
        "énoncés", "enunciado", "enunciados", "vocalization", "vocalizations", "vocalisation",
        "vocalisations", "talk", "voice", "verbal",
    ),
    "translation": (
        "translation", "translations", "transl", "trad", "traduction", "traducción", "übersetzung", "gloss",
        "glosses", "gls", "ft",
    ),
}  # fmt: skip
LEVELS: dict[str, Level] = {word: level for level, words in _WORDS.items() for word in words}
"""Words that say what a segment of a tier is."""
NO_SPEECH = frozenset(
    {
        "accents", "activities", "activity", "arousal", "background", "blick", "blickrichting",
        "blikrichting", "body", "breaks", "code", "coded", "codes", "coding", "comment", "commentaire",
        "commentaires", "comments", "context", "contexts", "da", "dacts", "dialogact", "disfluencies",
        "disfluency", "emotion", "emotions", "entities", "entity", "eyebrows", "eyes", "f0", "facial",
        "formant", "formants", "gaze", "gazes", "gebaar", "gebaren", "gebärde", "gebärden", "geste",
        "gestes", "gestik", "gesto", "gestos", "gesture", "gesturephase", "gestures", "handedness", "hands",
        "head", "headnod", "intensity", "kijkrichting", "kommentar", "kontext", "lemma", "lemmas", "manual",
        "marker", "markers", "mirada", "morph", "morphemes", "morphology", "motion", "mouth", "movement",
        "movements", "music", "nod", "nodding", "nods", "noise", "noises", "note", "notes", "pitch", "pos",
        "posture", "prominence", "regard", "regards", "section", "sections", "sguardo", "situation",
        "smile", "style", "task", "thema", "tobi", "tone", "tones", "topic", "topics", "valence", "vot",
    }
)  # fmt: skip
"""Words that say that a tier is something else than speech."""
WHO = frozenset(
    {
        "speaker", "speakers", "spk", "spkr", "who", "talker", "participant", "participants", "diarization",
        "diarisation", "turn", "turns", "sprecher", "spreker", "locuteur", "hablante",
    }
)  # fmt: skip
"""Words that say that the labels of a tier are those who speak."""
NOBODY = frozenset({"multi", "multiple", "several", "various", "all", "none", "n/a", "na", "-", "?"})
"""What stands for a participant where there is none, or are several."""


class TierName(NamedTuple):
    """Name of a tier, taken apart.

    Attributes:
      speaker: the name without the word of a level; empty where no other is there.
      level: that a word of it says; None where none does.
      no_speech: the word that says that the tier is no speech; None where none does.
    """

    speaker: str
    level: Level | None
    no_speech: str | None


def parse_tier_name(name: str) -> TierName:
    """Takes the name of a tier apart, at blanks, signs and capitals within it: `ann - words`, `A_utt`, `spk1Words`."""
    level, no_speech = None, None
    name = re.sub(r"""^(["'])(.*)\1$""", r"\2", name.strip()).strip()
    speaker = name
    for piece in re.findall(r"[^\W_]+", re.sub(r"(?<=[a-z0-9])(?=[A-Z][a-z])", " ", name)):
        word = piece.lower()
        if word in LEVELS:
            level = level or LEVELS[word]
            speaker = re.sub(
                rf"(?<![^\W_]){piece}(?![^\W_])|(?<=[a-z0-9]){piece}(?![^\W_])", " ", speaker, count=1
            )
        elif word in NO_SPEECH:
            no_speech = no_speech or word
    if name.strip().upper() in _MAUS:
        level = _MAUS[name.strip().upper()]
    if level is not None:
        speaker = re.sub(r"\s{2,}|\s*[-_:|/.]\s+|\s+[-_:|/.]\s*", " ", speaker).strip(" -_:|/.()[]@,;=")
    return TierName(speaker.strip(), level, no_speech)


_MAUS: dict[str, Level] = {
    "ORT-MAU": "word", "KAN-MAU": "word", "ORT": "word", "KAN": "word", "TRN-MAU": "utterance",
}  # fmt: skip
"""Tiers of WebMAUS: words, their canonical form, and chunks."""
