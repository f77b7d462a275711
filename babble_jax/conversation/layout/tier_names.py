"""Words in the names of tiers: those that say at which level a tier segments the speech, and those of what is none."""

import re
from typing import Literal, NamedTuple

Level = Literal["phone", "syllable", "word", "utterance", "translation"]

LEVELS: dict[str, Level] = {
    word: level
    for level, words in {
        "phone": "phone phones phoneme phonemes phonème phonèmes phonem phoneme phn phns mau sampa xsampa allophones segs",
        "syllable": "syllable syllables syll sylls syllabe syllabes silbe silben mas",
        "word": "word words wrd wort wörter token tokens tok toks mots palabra palabras parole woord woorden kan wordform",
        "utterance": "utterance utterances utt utts turn turns ipu ipus sentence sentences sent phrase phrases chunk chunks "
        "transcript transcripts transcription transcriptions transcripción text txt speech ort ortho orthography "
        "orthographic orthographe trn trs rede äußerung äußerungen énoncé énoncés enunciado enunciados vocalization "
        "vocalizations vocalisation vocalisations talk voice verbal",
        "translation": "translation translations transl trad traduction traducción übersetzung gloss glosses gls ft",
    }.items()
    for word in words.split()
}  # fmt: skip
"""Words that say what a segment of a tier is."""
NO_SPEECH = frozenset(
    "gaze gazes blick regard mirada gesture gestures gestik geste gestes gesto gestos gesturephase handedness hands "
    "nod nods nodding headnod facial eyebrows eyes mouth posture body movement movements motion manual smile "
    "topic topics thema comment comments commentaire commentaires kommentar note notes context contexts kontext task "
    "activity activities section sections situation dialogact da dacts pos lemma lemmas morph morphology morphemes "
    "tone tones tobi breaks accents prominence pitch f0 intensity emotion emotions valence arousal background "
    "music noise noises".split()
)  # fmt: skip
"""Words that say that a tier is something else than speech."""


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
    """Takes the name of a tier apart at blanks, signs, and capitals within a word: `ann - words`, `A_utt`, `spk1Words`."""
    level, no_speech, speaker = None, None, name
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
