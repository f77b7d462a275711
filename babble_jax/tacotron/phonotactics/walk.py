"""Builds a word of a given shape phone by phone, and lists what may come next."""

import copy
import dataclasses

from babble_jax.ngram import END
from babble_jax.tacotron.phonotactics.phrase import PhoneSet, Syllable, Word
from babble_jax.tacotron.phonotactics.positions import (
    CONSONANT_ROLES,
    coda_role,
    nucleus_role,
    split_token,
    token,
)
from babble_jax.tacotron.phonotactics.syllables import Clusters, coda_position, onset_position


class WordWalk:
    """Walks from the start of a word to its end.

    Args:
      phones: of the language.
      clusters: consonants that may stand together.
      count: syllables of the word.
      stress: position of the stressed one, from 0.
    """

    def __init__(self, phones: PhoneSet, clusters: Clusters, count: int, stress: int):
        self.phones, self.clusters, self.count, self.stress = phones, clusters, count, stress
        self.onset: tuple[str, ...] = ()
        self.coda: tuple[str, ...] = ()
        self.syllables: list[Syllable] = []

    def allowed(self) -> list[str]:
        """Lists the symbols that may come next, and `END`."""
        done = len(self.syllables)
        onset, coda = onset_position(done), coda_position(done - 1, self.count)
        names = []
        if done and not self.onset:
            role = coda_role(done - 1, self.count)
            names += [token(phone, role) for phone in self.clusters.following(coda, self.coda)]
        if done and not self.clusters.hold(coda, self.coda):
            return names
        if done == self.count:
            return [*names, *([] if self.onset else [END])]
        names += [token(phone, "onset") for phone in self.clusters.following(onset, self.onset)]
        if self.clusters.hold(onset, self.onset) and (self.onset or not self.coda):
            role = nucleus_role(done, self.stress, self.count)
            names += [
                token(phone, role)
                for phone in self.phones.vowels
                if self.phones.is_stressed(phone) == (done == self.stress)
            ]
        return names

    def push(self, symbol: str) -> None:
        """Adds a symbol."""
        phone, role = split_token(symbol)
        if role == "onset":
            self.onset += (phone,)
        elif role in CONSONANT_ROLES:
            self.coda += (phone,)
        else:
            self._close()
            self.syllables.append(Syllable(self.onset, phone, (), self.phones.is_stressed(phone)))
            self.onset = ()

    def branch(self) -> "WordWalk":
        """Makes a walk that goes on from here apart from this one."""
        other = copy.copy(self)
        other.syllables = [*self.syllables]
        return other

    def word(self) -> Word:
        """Returns the word that was built."""
        self._close()
        return Word(tuple(self.syllables))

    def _close(self) -> None:
        if self.syllables:
            self.syllables[-1] = dataclasses.replace(self.syllables[-1], coda=self.coda)
        self.coda = ()
