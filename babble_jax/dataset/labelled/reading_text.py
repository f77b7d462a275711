"""Says how a folder of recordings with labels was understood."""

from babble_jax.dataset.labelled.reading import LabelledFolder
from babble_jax.plural import plural

_MOST_NAMED = 5
_MOST_SYMBOLS = 70


def describe_folder(folder: LabelledFolder) -> list[str]:
    """Lists what was understood, a line each: recordings, minutes, symbols, what lacks labels, what was guessed."""
    own, every = folder.labelled, folder.recordings
    seconds = sum(one.seconds for one in own)
    count = sum(len(one.labels.symbols) for one in own if one.labels is not None)
    symbols = [repr(name) if not name.strip() else name for name in folder.symbols]
    named = " ".join(symbols[:_MOST_SYMBOLS]) + (" ..." if len(symbols) > _MOST_SYMBOLS else "")
    timed = own[0].labels is not None and own[0].labels.onset is not None
    lines = [
        f"{folder.folder}: {plural(len(every), 'recording')}, {len(own)} with {folder.source}, {seconds / 60:.1f} min",
        f"{count} {folder.symbol_kind}{' with times' if timed else ', without times'}, {len(symbols)} different: "
        f"{named}",
    ]
    without = [one.name for one in every if one.labels is None]
    if without:
        more = f" and {len(without) - _MOST_NAMED} more" if len(without) > _MOST_NAMED else ""
        lines.append(
            f"{plural(len(without), 'recording')} without labels left out: {', '.join(without[:_MOST_NAMED])}{more}"
        )
    if folder.guess:
        lines.append(f"guessed: {folder.guess}")
    return [*lines, *folder.notes]
