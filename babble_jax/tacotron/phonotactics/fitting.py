"""Fits the phonotactic model on phrases that were said."""

from collections import Counter
from collections.abc import Sequence

from babble_jax.errors import BabbleError
from babble_jax.ngram import fit_ngram
from babble_jax.tacotron.phonotactics.lexicon import Lexicon, WordListCard
from babble_jax.tacotron.phonotactics.model import PhonotacticCard, PhonotacticModel
from babble_jax.tacotron.phonotactics.phrase import PhoneSet, Word
from babble_jax.tacotron.phonotactics.positions import tokens
from babble_jax.tacotron.phonotactics.syllables import find_clusters
from babble_jax.tacotron.phonotactics.utterances import SpokenPhrases

ORDER = 4
"""Symbols of an n-gram: of 2 to 6 the one that predicts held-out words of read Russian best."""


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
    words = [word for one in spoken.phrases for word in one.phrase.words if one_stress(word)]
    lengths = {
        final: Counter(len(one.phrase.words) for one in spoken.phrases if one.phrase.final == final)
        for final in (False, True)
    }
    if not words or not all(lengths.values()):
        raise BabbleError(
            f"{source}: a phonotactic model needs phrases that end an utterance and phrases that do not; give "
            "transcripts with punctuation, and labels of phones with pauses among them."
        )
    spellings = {
        text for one in spoken.phrases for group in one.spellings for text in (*group, "".join(group))
    }
    lexicon = Lexicon(
        tuple(sorted(spellings)),
        spoken.readings,
        (WordListCard(f"words of the transcripts of {source}", licence, len(spellings)),),
    )
    return PhonotacticModel(
        phones,
        find_clusters(words),
        fit_ngram(map(tokens, words), order),
        dict(Counter((len(word.syllables), word.stress) for word in words)),
        {final: dict(some) for final, some in lengths.items()},
        lexicon,
        PhonotacticCard(
            language,
            source,
            licence,
            len({one.utterance for one in spoken.phrases}),
            len(words),
            lexicon.cards,
        ),
    )


def held_out_bits(spoken: Sequence[Word], model: PhonotacticModel) -> float:
    """Computes the bits per symbol of held-out words, but for those with symbols that the n-gram lacks."""
    symbols = {*model.ngram.symbols}
    strings = [tokens(word) for word in spoken if one_stress(word)]
    return model.ngram.cross_entropy([string for string in strings if symbols.issuperset(string)])
