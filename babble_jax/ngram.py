"""N-grams over strings of symbols, of phones for example, with interpolated Witten-Bell smoothing.

Axes: V symbols and, last, the end of a string: V + 1 outcomes.

References:
  Chen and Goodman (1998), "An empirical study of smoothing techniques for language modeling", section 2.6: the
  probability after a context is (count + types * probability after the context without its first symbol) / (total +
  types), where `types` counts the different symbols that follow the context. The recursion ends at the uniform
  distribution.
"""

import dataclasses
import functools
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

START, END = "<s>", "</s>"
"""Symbols before the first and after the last of each string."""
_MOST_ORDER = 12

Context = tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class NGram:
    """Distribution of the next symbol given the `order` - 1 symbols before it.

    Attributes:
      order: 1 for a unigram, 2 for a bigram and so on.
      symbols: the V symbols, `START` and `END` not among them.
      counts: how often each symbol (or `END`) follows each context; contexts are `order` - 1 long, filled from the left
        with `START`.
    """

    order: int
    symbols: tuple[str, ...]
    counts: Mapping[Context, Mapping[str, int]]
    _tables: dict[Context, np.ndarray] = dataclasses.field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def __post_init__(self):
        if not 1 <= self.order <= _MOST_ORDER:
            raise ValueError(f"the order of an n-gram is 1 to {_MOST_ORDER}, not {self.order}")
        if not self.symbols or len({*self.symbols, START, END}) != len(self.symbols) + 2:
            raise ValueError(f"the symbols of an n-gram differ from each other and from {START} and {END}")
        inside = {*self.symbols, START}
        for context, row in self.counts.items():
            if len(context) != self.order - 1 or not inside.issuperset(context):
                raise ValueError(f"an n-gram of order {self.order} has no context {' '.join(context)}")
            if any(symbol not in self.index or count < 1 for symbol, count in row.items()):
                raise ValueError(f"the counts after '{' '.join(context)}' are not positive counts of symbols")

    @functools.cached_property
    def index(self) -> dict[str, int]:
        """Position of each symbol, and of `END`, in what `log_probs` returns."""
        return {symbol: i for i, symbol in enumerate((*self.symbols, END))}

    @property
    def start(self) -> Context:
        """Context of the first symbol of a string."""
        return (START,) * (self.order - 1)

    def advance(self, context: Sequence[str], symbol: str) -> Context:
        """Returns the context of the symbol that comes after `symbol`."""
        return self._shorten((*context, symbol))

    def log_probs(self, context: Sequence[str]) -> np.ndarray:
        """Returns [V + 1] float64, the natural logarithms of the probabilities of `symbols` and of `END`; read-only.

        `context` may be of any length: its last `order` - 1 symbols count, and a shorter one says nothing of what is
        before it. Tables are computed once for each context.
        """
        return self._table(self._shorten(context))

    def log_prob(self, symbol: str, context: Sequence[str]) -> float:
        """Computes the natural logarithm of the probability of a symbol, or of `END`, after a context.

        Raises:
          KeyError: a symbol that the n-gram does not have.
        """
        return float(self.log_probs(context)[self.index[symbol]])

    def score(self, string: Sequence[str]) -> float:
        """Computes the natural logarithm of the probability of a string, its end among it."""
        context, total = self.start, 0.0
        for symbol in (*string, END):
            total += self.log_prob(symbol, context)
            context = self.advance(context, symbol)
        return total

    def cross_entropy(self, strings: Iterable[Sequence[str]]) -> float:
        """Computes the bits per symbol of strings, where the end of each counts as a symbol."""
        strings = [tuple(string) for string in strings]
        return -sum(map(self.score, strings)) / np.log(2) / sum(len(string) + 1 for string in strings)

    def draw(self, context: Sequence[str], rng: np.random.Generator) -> str:
        """Draws the symbol, or `END`, that follows a context, from one uniform number of `rng`."""
        table = np.cumsum(np.exp(self.log_probs(context)))
        at = int(np.searchsorted(table, rng.random() * table[-1], side="right"))
        return (*self.symbols, END)[min(at, len(self.symbols))]

    def sample(self, rng: np.random.Generator, max_symbols: int = 1000) -> tuple[str, ...]:
        """Draws a string from its start to its end, or to `max_symbols` if it has not ended by then."""
        string, context = [], self.start
        while len(string) < max_symbols and (symbol := self.draw(context, rng)) != END:
            string.append(symbol)
            context = self.advance(context, symbol)
        return tuple(string)

    def sample_of_length(self, rng: np.random.Generator, length: int) -> tuple[str, ...]:
        """Draws a string of `length` symbols; its end, where drawn before, is drawn again."""
        string, context = [], self.start
        while len(string) < length:
            if (symbol := self.draw(context, rng)) != END:
                string.append(symbol)
                context = self.advance(context, symbol)
        return tuple(string)

    def to_json(self) -> dict[str, Any]:
        """Returns plain JSON values: counts are rows of the positions of context and symbol, then the count.

        In contexts -1 is `START`; a symbol of V is `END`.
        """
        rows = [
            [*(-1 if part == START else self.index[part] for part in context), self.index[symbol], count]
            for context, row in self.counts.items()
            for symbol, count in row.items()
        ]
        return {"order": self.order, "symbols": list(self.symbols), "counts": sorted(rows)}

    def _shorten(self, context: Sequence[str]) -> Context:
        return tuple(context)[max(0, len(context) - self.order + 1) :]

    @functools.cached_property
    def _rows(self) -> dict[Context, Counter[str]]:
        """Counts after contexts of every length up to `order` - 1: sums over what is further back."""
        rows: dict[Context, Counter[str]] = {}
        for context, row in self.counts.items():
            for length in range(self.order):
                rows.setdefault(context[len(context) - length :], Counter()).update(row)
        return rows

    def _table(self, context: Context) -> np.ndarray:
        if context not in self._tables:
            uniform = np.full(len(self.index), -np.log(len(self.index)))
            shorter = self._table(context[1:]) if context else uniform
            if row := self._rows.get(context):
                counts = np.zeros(len(self.index))
                counts[[self.index[symbol] for symbol in row]] = [*row.values()]
                shorter = np.log((counts + len(row) * np.exp(shorter)) / (counts.sum() + len(row)))
            shorter.flags.writeable = False
            self._tables[context] = shorter
        return self._tables[context]


def fit_ngram(
    strings: Iterable[Sequence[str]], order: int = 3, symbols: Sequence[str] | None = None
) -> NGram:
    """Fits an n-gram by counting.

    Args:
      strings: of symbols, without `START` and `END`.
      order: number of symbols of an n-gram.
      symbols: all that there are; those of the strings, sorted, if None.

    Raises:
      ValueError: no symbols, or a string holds one that is not among `symbols`.
    """
    strings = [tuple(string) for string in strings]
    symbols = tuple(symbols) if symbols is not None else tuple(sorted(set().union(*strings)))
    counts: dict[Context, Counter[str]] = {}
    for string in strings:
        padded = (START,) * (order - 1) + string + (END,)
        for i in range(len(string) + 1):
            counts.setdefault(padded[i : i + order - 1], Counter())[padded[i + order - 1]] += 1
    return NGram(order, symbols, {context: dict(row) for context, row in counts.items()})


def ngram_from_json(values: Any) -> NGram:
    """Reads an n-gram from the values that `NGram.to_json` returned.

    Raises:
      ValueError: values of another form; one sentence.
    """
    if not isinstance(values, dict) or {*values} != {"order", "symbols", "counts"}:
        raise ValueError("an n-gram has order, symbols and counts")
    order, symbols, rows = values["order"], values["symbols"], values["counts"]
    if type(order) is not int or not isinstance(symbols, list) or not isinstance(rows, list):
        raise ValueError("order, symbols and counts of an n-gram are a number and two lists")
    if not all(isinstance(symbol, str) for symbol in symbols):
        raise ValueError("the symbols of an n-gram are strings")
    counts: dict[Context, dict[str, int]] = {}
    names = (*symbols, END, START)  # the last is found at -1
    for row in rows:
        if not isinstance(row, list) or len(row) != order + 1 or not all(type(part) is int for part in row):
            raise ValueError(f"a row of counts has {order + 1} whole numbers")
        if not all(-1 <= part < len(symbols) for part in row[:-2]) or not 0 <= row[-2] <= len(symbols):
            raise ValueError("a row of counts names a symbol that there is not")
        counts.setdefault(tuple(names[part] for part in row[:-2]), {})[names[row[-2]]] = row[-1]
    return NGram(order, tuple(symbols), counts)
