"""Fits the phonotactic model on phrases that were said, or on those of texts."""

import dataclasses
from collections import Counter
from collections.abc import Sequence

from babble_jax.errors import BabbleError
from babble_jax.ngram import fit_ngram
from babble_jax.tacotron.phonotactics.lexicon import Lexicon, WordListCard
from babble_jax.tacotron.phonotactics.model import PhonotacticCard, PhonotacticModel
from babble_jax.tacotron.phonotactics.phrase import PhoneSet, Word
from babble_jax.tacotron.phonotactics.positions import tokens
from babble_jax.tacotron.phonotactics.pronunciations import PronouncedLexicon, join_phones
from babble_jax.tacotron.phonotactics.syllables import find_clusters
from babble_jax.tacotron.phonotactics.texts import TextPhrase, TextPhrases
from babble_jax.tacotron.phonotactics.utterances import SpokenPhrase, SpokenPhrases

ORDER = 4
"""Symbols of an n-gram: of 2 to 6 the one that predicts held-out words of read Russian best."""

_TRANSCRIPTS = "words of the transcripts of {}"


def one_stress(word: Word) -> bool:
    """Says if a word that was said has exactly one stress, as those have that are drawn."""
    return sum(syllable.stressed for syllable in word.syllables) == 1


def fit_model(
    spoken: SpokenPhrases,
    phones: PhoneSet,
    language: str,
    source: str,
    licence: str,
    order: int = ORDER,
) -> PhonotacticModel:
    """Fits a model whose lexicon is the words of the transcripts.

    Args:
      spoken: phrases of the transcripts.
      phones: of the language.
      language: code of ISO 639.
      source: name of the recordings.
      licence: of the recordings.
      order: of the n-gram.

    Raises:
      BabbleError: no phrases that are held, or none that are final.
    """
    spellings = {
        text for one in spoken.phrases for group in one.spellings for text in (*group, "".join(group))
    }
    lexicon = Lexicon(
        tuple(sorted(spellings)),
        spoken.readings,
        (WordListCard(_TRANSCRIPTS.format(source), licence, len(spellings)),),
        phones,
    )
    card = PhonotacticCard(language, source, licence, 0, 0)
    return _fit(spoken.phrases, phones, lexicon, card, order)


def fit_text_model(
    texts: TextPhrases,
    voice: str,
    phones_by: str,
    language: str,
    source: str,
    licence: str,
    order: int = ORDER,
) -> PhonotacticModel:
    """Fits a model whose lexicon is the words of texts, as they are spoken.

    Args:
      texts: phrases of the texts.
      voice: of espeak-ng that read them.
      phones_by: program that read them, with its licence.
      language: code of ISO 639.
      source: name of the texts.
      licence: of the texts.
      order: of the n-gram.

    Raises:
      BabbleError: no phrases that are held, or none that are final.
    """
    keys = {*map(join_phones, texts.spoken)}
    lexicon = PronouncedLexicon(voice, (), (), texts.phones)
    lexicon = lexicon.add_pronunciations(keys, _TRANSCRIPTS.format(source), licence, len(keys))
    card = PhonotacticCard(language, source, licence, 0, 0, phones_by=phones_by)
    return _fit(texts.phrases, texts.phones, lexicon, card, order)


def _fit(
    phrases: Sequence[SpokenPhrase] | Sequence[TextPhrase],
    phones: PhoneSet,
    lexicon: Lexicon | PronouncedLexicon,
    card: PhonotacticCard,
    order: int,
) -> PhonotacticModel:
    """Fits a model; `card` gets the counts and the lists of the lexicon."""
    words = [word for one in phrases for word in one.phrase.words if one_stress(word)]
    lengths = {
        final: Counter(len(one.phrase.words) for one in phrases if one.phrase.final == final)
        for final in (False, True)
    }
    if not words or not all(lengths.values()):
        raise BabbleError(
            f"{card.source}: a phonotactic model needs phrases that end an utterance and phrases that do not; give "
            + (
                "texts with commas and full stops."
                if card.phones_by
                else "transcripts with punctuation, and labels of phones with pauses among them."
            )
        )
    return PhonotacticModel(
        phones,
        find_clusters(words),
        fit_ngram(map(tokens, words), order),
        dict(Counter((len(word.syllables), word.stress) for word in words)),
        {final: dict(some) for final, some in lengths.items()},
        lexicon,
        dataclasses.replace(
            card,
            utterances=len({one.utterance for one in phrases}),
            words=len(words),
            lexica=lexicon.cards,
        ),
    )


def held_out_bits(spoken: Sequence[Word], model: PhonotacticModel) -> float:
    """Computes the bits per symbol of held-out words, but for those with symbols that the n-gram lacks."""
    symbols = {*model.ngram.symbols}
    strings = [tokens(word) for word in spoken if one_stress(word)]
    return model.ngram.cross_entropy([string for string in strings if symbols.issuperset(string)])
