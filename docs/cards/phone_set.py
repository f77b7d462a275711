"""The page of the phones of the ears that ship: its symbols, their IPA, and what the phone set of the labels says."""

import itertools
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from babble_jax.pretrained.ear import load_ear
from babble_jax.pretrained.ear_text import load_text

EAR = "ru"

PHONE_SET = Path(__file__).parent / "msu_ru_phoneset.txt"
"""The phones of `festvox/msu_ru_nsh_phoneset.scm` in the voice msu_ru_nsh_clunits, with its notice, which must stay
with them, before them on lines of `;;`."""
NOTICE_MARK = ";;"

IPA = {
    **{"ii": "i", "yy": "ɨ", "uu": "u", "ee": "e", "oo": "o", "aa": "a"},
    **{"a": "ɐ", "e": "e", "i": "ɪ", "y": "ɨ", "u": "u", "ae": "ə", "ay": "ə", "ur": "ʊ"},  # noqa: RUF001
    **{one: one for one in "pbtdkfvszmnrj"},
    **{"g": "ɡ", "c": "ts", "ch": "tɕ", "sh": "ʂ", "sch": "ɕː", "zh": "ʐ", "h": "x", "l": "ɫ", "ll": "lʲ"},  # noqa: RUF001
}
"""The sign of each symbol; of a doubled consonant that of the single one with ʲ where it has none of its own."""

STRESS = {
    "l": "stressed vowel",
    "s": "vowel, first level of reduction",
    "a": "vowel, second level of reduction",
}
TYPES = {"s": "stop", "a": "affricate", "f": "fricative", "n": "nasal", "l": "liquid"}
PLACES = {"l": "labial", "d": "dental", "a": "alveolar", "p": "palatal", "b": "labio-dental", "v": "velar"}

TEXT = """The ear `{ear}` hears {count} symbols, and `babble align` takes them: those of the labels of festvox-ru, whose
phone set `msu_ru` is, by its own word, "mostly based on work of Zaharov L.M., *Acoustic variation of sounds in Russian
speech*, M. 2004". The table has all of them but `pau`, which is silence and has no sign. A doubled letter is a
stressed vowel or a soft (palatalized) consonant.

- **Phone set**: what the file `festvox/msu_ru_nsh_phoneset.scm` of the voice says: of a vowel the height (1 open to 5
  close), the frontness (1 front to 5 back) and the rounding, of a consonant type, place, voice and softness; its
  comments in quotes.
- **IPA** is in no file of the voice. It was read from these features, with the signs that are usual for Russian; where
  the features of two symbols are the same, so is the sign. `e` and `y` have the signs of the stressed vowels, since the
  set says no more than that they are reduced.
- **Per thousand**: share of the phones in the labels of the recordings that the ear was trained on, silence left out.

{table}

Where the labels differ from the phone set: by its comments `ae` follows hard consonants and `ay` soft ones. In the
labels it is the other way round: of {ae} `ae` after a consonant {ae_soft} follow a soft one, of {ay} `ay` {ay_soft}.
The places of `k`, `g` (palatal) and `sh`, `zh` (alveolar) are those of the set; the IPA has them as velar and as
retroflex.

## From Russian text to phones

The project does not turn Russian text into these phones. What there is:

- **The labels** of the recordings themselves: `lab/*.lab` of festvox-ru, which `babble align` finds beside `wav/`.
- **Festival** with this voice: its rules from letters to phones (`festvox/msu_ru_nsh_lexicon.scm`) and its dictionary
  of stress. By its code, `festvox/transcribe.scm` writes the phones of each line of a text. Festival is no part of
  this project, and neither was tried here.
- **espeak-ng** writes Russian in IPA, and not in these symbols; by the table it can be carried over by hand. Its levels
  of reduction are not the same, so that `a`, `ae`, `ay`, `i` and `y` take judgement.
- **By ear**: `babble hear` a recording of the words, correct what it hears, and align the corrected phones.

## Notice of the phone set

The column *phone set* is from a file of the voice, whose notice follows. That of the voice and of the ear is
`babble_jax/presets/ears/NOTICE`.

```text
{notice}
```
"""


def phone_page(note: str) -> str:
    """Returns the page.

    Args:
      note: that it is generated.
    """
    config = load_ear(EAR).config
    strings = load_text(EAR, config) or []
    counts = Counter(symbol for string in strings for symbol in string if symbol != config.silence)
    lines = PHONE_SET.read_text("utf-8").splitlines()
    rows = {line.split()[0]: line.split()[1:] for line in lines if not line.startswith(NOTICE_MARK)}
    notice = "\n".join(line[len(NOTICE_MARK) + 1 :] for line in lines if line.startswith(NOTICE_MARK))
    if {*rows} | {config.silence} != {*config.symbols}:
        raise ValueError(f"the ear {EAR} has other symbols than its phone set")
    table = ["| symbol | IPA | phone set | per thousand |", "|---|---|---|---:|"]
    for symbol, features in rows.items():
        share = 1000 * counts[symbol] / counts.total()
        table.append(f"| `{symbol}` | {_ipa(symbol)} | {_describe(features)} | {share:.0f} |")
    soft = {symbol for symbol, features in rows.items() if features[8] == "+"}
    hard = {symbol for symbol, features in rows.items() if features[8] == "-" and features[0] == "-"}
    before = {
        vowel: Counter(
            one in soft
            for string in strings
            for one, two in itertools.pairwise(string)
            if two == vowel and one in soft | hard
        )
        for vowel in ("ae", "ay")
    }
    text = TEXT.format(
        ear=EAR,
        count=len(config.symbols),
        table="\n".join(table),
        notice=notice,
        **{vowel: f"{one.total():,}" for vowel, one in before.items()},
        **{f"{vowel}_soft": f"{one[True]:,}" for vowel, one in before.items()},
    )
    return f"# Phones of the ears that ship\n\n{note}\n\n{text}"


def _ipa(symbol: str) -> str:
    return IPA[symbol] if symbol in IPA else f"{IPA[symbol[0]]}ʲ"


def _describe(features: Sequence[str]) -> str:
    """Says in words what the phone set says of a symbol."""
    vowel, length, height, frontness, rounding, kind, place, voice, softness, *comment = features
    if vowel == "+":
        text = f"{STRESS[length]}; height {height}, frontness {frontness}{', rounded' if rounding == '+' else ''}"
    else:
        voiced = "voiced" if voice == "+" else "voiceless"
        text = f"{TYPES[kind]}, {PLACES[place]}, {voiced}, {'soft' if softness == '+' else 'hard'}"
    return f'{text}; "{" ".join(comment)}"' if comment else text
