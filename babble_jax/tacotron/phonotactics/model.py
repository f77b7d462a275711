"""The phonotactic model: draws phrases of words that mean nothing and sound as if they were of a language.

A word is drawn in two steps. First its shape, the number of syllables and which of them is stressed; then its phones,
one after another, from an n-gram over phones with their positions in the syllable (onset, nucleus, coda; nuclei also by
where the stress is), in which only such phones are allowed as lead to that shape and to consonants that stand together
in the language. A word that the lexicon holds is drawn again.

Axes: K symbols that may come next.
"""

import dataclasses
import functools
import itertools
from collections.abc import Iterator, Mapping

import numpy as np

from babble_jax.errors import BabbleError
from babble_jax.ngram import END, Context, NGram
from babble_jax.tacotron.phonotactics.lexicon import Lexicon, WordListCard
from babble_jax.tacotron.phonotactics.phrase import PhoneSet, Phrase, Word
from babble_jax.tacotron.phonotactics.positions import CONSONANT_ROLES, split_token
from babble_jax.tacotron.phonotactics.pronunciations import PronouncedLexicon
from babble_jax.tacotron.phonotactics.syllables import Clusters
from babble_jax.tacotron.phonotactics.walk import WordWalk

_MOST_SHAPES, _MOST_TRIES = 20, 100
_WARMING = 20  # tries in which a low temperature rises to 1

Shape = tuple[int, int]
"""Number of syllables, and the position of the stressed one."""


@dataclasses.dataclass(frozen=True)
class PhonotacticCard:
    """Says what a phonotactic model was fitted on.

    Attributes:
      language: code of ISO 639.
      source: of the transcripts.
      licence: of the source.
      utterances: how many were used.
      words: prosodic words in them.
      lexica: word lists in which no drawn word is.
      phones_by: what said which phones the texts have, with its licence; empty for labels of the source.
      held_out_bits: bits per symbol of words of utterances that were held out of another fit; None if not measured.
      checked: drawn words that were looked up.
      in_lexicon: how many of them the lexica hold.
    """

    language: str
    source: str
    licence: str
    utterances: int
    words: int
    lexica: tuple[WordListCard, ...] = ()
    phones_by: str = ""
    held_out_bits: float | None = None
    checked: int = 0
    in_lexicon: int = 0


@dataclasses.dataclass(frozen=True)
class PhonotacticModel:
    """Distribution over phrases of words of syllables of phones.

    Attributes:
      phones: of the language.
      clusters: consonants that may stand together.
      ngram: over `positions.tokens` of words.
      shapes: how often words have so many syllables and stress on that one.
      lengths: how often phrases have so many words, for those that are held and those that are final.
      lexicon: no word of it is drawn; None to draw any.
      card: what it was fitted on.
    """

    phones: PhoneSet
    clusters: Clusters
    ngram: NGram
    shapes: Mapping[Shape, int]
    lengths: Mapping[bool, Mapping[int, int]]
    lexicon: Lexicon | PronouncedLexicon | None
    card: PhonotacticCard

    def __post_init__(self):
        if not self.shapes or any(not 0 <= stress < n or c < 1 for (n, stress), c in self.shapes.items()):
            raise ValueError("the shapes of words are counts of syllables with one of them stressed")
        if {*self.lengths} != {False, True} or any(
            not some or min(some) < 1 or min(some.values()) < 1 for some in self.lengths.values()
        ):
            raise ValueError("the lengths of phrases are counts of words, for held and for final phrases")
        for name in self.ngram.symbols:
            phone, role = split_token(name)
            consonant = role in CONSONANT_ROLES
            if phone not in (self.phones.consonants if consonant else self.phones.vowels) or (
                not consonant and self.phones.is_stressed(phone) != role.startswith("stressed")
            ):
                raise ValueError(f"the n-gram has the symbol {name}, which is no phone in a position")

    @functools.cached_property
    def _nuclei(self) -> np.ndarray:
        """Positions of all nuclei among the symbols of the n-gram."""
        roles = [split_token(name)[1] for name in self.ngram.symbols]
        return np.array([i for i, role in enumerate(roles) if role not in CONSONANT_ROLES])

    def draw_word(self, rng: np.random.Generator, temperature: float = 1.0) -> Word:
        """Draws a word with one stress that is not in the lexicon.

        Args:
          rng: draws all that is random.
          temperature: of the n-gram: a phone is drawn by its probability to the power of 1 / temperature. At 0 the most
            probable one is taken, so that there is one word of each shape: the first that is not in the lexicon as the
            last choice, then the one before it, and so on, is replaced by the next most probable one. Below 1, each try
            after a word of the lexicon has a little more, so that another word comes. Shapes are drawn as ever.

        Raises:
          BabbleError: none was found in many tries, as the lexicon holds nearly all that could be drawn.
        """
        shapes = sorted(self.shapes)
        shares = np.cumsum([self.shapes[shape] for shape in shapes])
        for _ in range(_MOST_SHAPES):
            at = int(np.searchsorted(shares, rng.random() * shares[-1], side="right"))
            # Tries of one shape, since short words are in a lexicon more often than long ones.
            for word in itertools.islice(self._draw_words(rng, *shapes[at], temperature), _MOST_TRIES):
                if word is not None and (self.lexicon is None or not self.lexicon.holds(word.phones)):
                    return word
        raise BabbleError(
            f"The phonotactic model of {self.card.language} draws words of its lexicon only; "
            "fit it on more words, or take a smaller lexicon."
        )

    def draw_phrase(
        self,
        rng: np.random.Generator,
        final: bool | None = None,
        words: int | None = None,
        temperature: float = 1.0,
    ) -> Phrase:
        """Draws a phrase.

        Args:
          rng: draws all that is random.
          final: whether the utterance ends with it; drawn as often as in the transcripts if None.
          words: how many; drawn if None.
          temperature: of the words, see `draw_word`.

        Raises:
          BabbleError: fewer words than one; see also `draw_word`.
        """
        if words is not None and words < 1:
            raise BabbleError(f"A phrase has one word at least, not {words}; give `words` of 1 or more.")
        count, final = self.draw_length(rng, final)
        count = count if words is None else words
        return Phrase(tuple(self.draw_word(rng, temperature) for _ in range(count)), final)

    def draw_length(self, rng: np.random.Generator, final: bool | None = None) -> tuple[int, bool]:
        """Draws how many words a phrase has, and whether it is final.

        Args:
          rng: draws all that is random.
          final: whether the utterance ends with it; drawn as often as in the transcripts if None.
        """
        chance = rng.random()
        totals = [sum(self.lengths[ends].values()) for ends in (False, True)]
        if final is None:
            final = bool(chance * sum(totals) >= totals[0])
        counts = self.lengths[final]
        shares = np.cumsum([counts[n] for n in sorted(counts)])
        at = int(np.searchsorted(shares, rng.random() * shares[-1], side="right"))
        return sorted(counts)[at], final

    def sample(self, rng: np.random.Generator, phrases: int, final: bool | None = None) -> list[Phrase]:
        """Draws an utterance of several phrases, of which all but the last are held.

        Args:
          rng: draws all that is random.
          phrases: how many.
          final: whether the last is final; each is drawn as often final as in the transcripts if None.

        Raises:
          BabbleError: fewer phrases than one; see also `draw_word`.
        """
        if phrases < 1:
            raise BabbleError(f"An utterance has one phrase at least, not {phrases}; give 1 or more.")
        ends = [None if final is None else final and i == phrases - 1 for i in range(phrases)]
        return [self.draw_phrase(rng, end) for end in ends]

    def _draw_words(
        self, rng: np.random.Generator, count: int, stress: int, temperature: float
    ) -> Iterator[Word | None]:
        """Yields words of a shape as long as they are wanted; None where no phone could follow."""
        if temperature == 0:
            walk = WordWalk(self.phones, self.clusters, count, stress)
            yield from self._rank_words(walk, self.ngram.start)
            return
        for tries in itertools.count():
            walk = WordWalk(self.phones, self.clusters, count, stress)
            warmer = max(0.0, 1 - temperature) * min(tries / _WARMING, 1.0)
            yield self._draw_phones(rng, walk, temperature + warmer)

    def _draw_phones(self, rng: np.random.Generator, walk: WordWalk, temperature: float) -> Word | None:
        """Draws the phones of a word from its start; None where no phone could follow."""
        context = self.ngram.start
        while True:
            symbols, shares = self._continuations(walk, context)
            if not symbols:
                return None
            if temperature != 1:
                with np.errstate(over="ignore"):  # of temperatures near 0: the most probable one is left
                    shares = np.exp(np.log(shares / shares.max()) / temperature)
            total = np.cumsum(shares)
            pick = int(np.searchsorted(total, rng.random() * total[-1], side="right"))
            symbol = symbols[min(pick, len(symbols) - 1)]
            if symbol == END:
                return walk.word()
            walk.push(symbol)
            context = self.ngram.advance(context, symbol)

    def _rank_words(self, walk: WordWalk, context: Context) -> Iterator[Word]:
        """Yields all words that a walk can lead to, the most probable phone at each place first."""
        symbols, shares = self._continuations(walk, context)
        for pick in np.argsort(-shares, kind="stable").tolist():
            further = walk.branch()
            if symbols[pick] == END:
                yield further.word()
            else:
                further.push(symbols[pick])
                yield from self._rank_words(further, self.ngram.advance(context, symbols[pick]))

    def _continuations(self, walk: WordWalk, context: Context) -> tuple[list[str], np.ndarray]:
        """Lists the symbols that may come next on a walk, with their shares [K]; none where nothing can follow.

        Args:
          walk: so far.
          context: of the n-gram.
        """
        symbols = [name for name in walk.allowed() if name in self.ngram.index]
        at = [self.ngram.index[name] for name in symbols]
        table = self.ngram.log_probs(context)
        shares = np.exp(table[at])
        # A nucleus is as probable as all nuclei are: which of them the shape decides, not whether there is one.
        nuclei = np.isin(at, self._nuclei)
        if nuclei.any():
            shares[nuclei] *= np.exp(table[self._nuclei]).sum() / shares[nuclei].sum()
        return symbols, shares
