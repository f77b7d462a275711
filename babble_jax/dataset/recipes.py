"""Where sound comes from that a data set is made of by one name: Debian packages, and synthesis by this project.

A package is downloaded and unpacked, never installed; its copyright file travels with the sound.
"""

import dataclasses
import os
import shutil
import subprocess
from pathlib import Path

from babble_jax import files
from babble_jax.audio import sound_types, wave
from babble_jax.errors import BabbleError
from babble_jax.nearest_name import nearest_name
from babble_jax.progress import Progress
from babble_jax.synthesis.kinds import KINDS, MINUTES


@dataclasses.dataclass(frozen=True)
class Recipe:
    """The place of speech in a Debian package.

    Attributes:
      package: name of the package.
      licence: short, SPDX where there is one; the full text is in the package's copyright file.
      description: its contents, one line.
      audio: folder of the sound files inside the unpacked package.
      skip: sub-folders of `audio`, and files right in it, that hold no speech.
      labels: folder of the phone labels NAME.lab of the sound files NAME; empty where there are none.
    """

    package: str
    licence: str
    description: str
    audio: str
    skip: tuple[str, ...] = ()
    labels: str = ""


_TONES = ("ascending-2tone", "descending-2tone", "beep", "beeperr", "tt-monkeys")


def _asterisk(language: str, voice: str, licence: str, description: str) -> Recipe:
    return Recipe(
        package=f"asterisk-core-sounds-{language}-g722",
        licence=licence,
        description=f"{description}: telephone prompts, 16 kHz",
        audio=f"usr/share/asterisk/sounds/{voice}",
        skip=("silence", *(f"{name}.g722" for name in _TONES)),
    )


_ALL = (
    Recipe(
        package="festvox-ru",
        licence="permissive (use, copy, modify, distribute, sublicense; keep the notice)",
        description="Russian, one man, read sentences, 620 files, 100 min, 16 kHz",
        audio="usr/share/festival/voices/russian/msu_ru_nsh_clunits/wav",
        labels="usr/share/festival/voices/russian/msu_ru_nsh_clunits/lab",
    ),
    _asterisk("en", "en_US_f_Allison", "CC-BY-SA-3.0", "English, one woman"),
    _asterisk("es", "es_MX_f_Allison", "CC-BY-SA-3.0", "Spanish, the woman of the English prompts"),
    _asterisk("fr", "fr_CA_f_June", "CC-BY-SA-3.0", "French, one woman"),
    _asterisk("it", "it_IT_m_Carlo", "CC-BY-3.0", "Italian, one man"),
    _asterisk("ru", "ru_RU_f_IvrvoiceRU", "CC-BY-3.0", "Russian, one woman"),
)

EXCERPT = "excerpt"
"""Name of the speech that ships: minutes of read Russian by one man, an excerpt of festvox-ru as Ogg Opus at 16 kHz
with little above 5 kHz. Its licence is the `NOTICE` beside it; its splits are those of the complete recordings."""

RECIPES: dict[str, Recipe] = {recipe.package: recipe for recipe in _ALL}

SYNTHESIZED: tuple[str, ...] = tuple(KINDS)
"""Names of sound that this project makes by itself."""

NAMES: tuple[str, ...] = (EXCERPT, *RECIPES, *SYNTHESIZED)
"""Of all sound that is known by a name."""


def suggest(name: str) -> list[str]:
    """Returns the names of sound that begin with a name that is none, or the nearest one; else nothing."""
    nearest = nearest_name(name.lower(), NAMES)
    return [one for one in NAMES if one.startswith(f"{name}-")] or ([nearest] if nearest else [])


def fetch_recipe(
    name: str,
    folder: str | os.PathLike,
    minutes: float = MINUTES,
    seed: int = 0,
    speaker: str | None = None,
    notes: str | os.PathLike | None = None,
) -> Path:
    """Fetches the sound of a recipe by `apt-get download` and `dpkg -x`, or synthesizes it.

    Args:
      name: of a recipe, which is that of its package, or one of `SYNTHESIZED`; with notes, that of their instrument.
      folder: where the folder `name` is created.
      minutes: of sound that is synthesized.
      seed: of sound that is synthesized.
      speaker: of the voice babblers, whose timing, melody and level synthesized sound has; None for the first.
      notes: folder of the sound files of an instrument, a note in each.

    Returns:
      folder/name: one flat folder of sound files (G.722 decoded to 16 kHz wav; "digits/1" becomes "digits-1",
      so that all is one speaker), their phone labels where there are some, and COPYRIGHT.txt, ready for
      `babble_jax.dataset.recordings.build_from_folders`.

    Raises:
      BabbleError: no such recipe or speaker, the folder is there already, apt or dpkg is missing or fails, or the
        package holds no sound where the recipe says.
    """
    if name in SYNTHESIZED or notes is not None:
        from babble_jax.synthesis import recordings as synthesis  # resampling and unit models, which few need

        return synthesis.write_recordings(name, folder, minutes, seed, speaker, notes)
    recipe, target = _recipe(name), Path(folder) / name
    if target.exists():
        raise BabbleError(f"{target}: is already there; use it, or remove it to fetch it anew.")
    with files.atomic_folder(target, f"package {name}") as sound, files.scratch_folder() as scratch:
        _gather(recipe, unpack_package(recipe.package, scratch), sound)
    return target


def unpack_package(package: str, folder: str | os.PathLike) -> Path:
    """Downloads a Debian package into a folder that exists, and unpacks it there.

    Returns:
      The root of the package's files: `Recipe.audio` lies under it.

    Raises:
      BabbleError: apt or dpkg is missing or fails.
    """
    work = Path(folder)
    for program in ("apt-get", "dpkg"):
        if shutil.which(program) is None:
            raise BabbleError(
                f"{package}: needs the program {program}, which Debian and Ubuntu have; unpack the package elsewhere "
                "and name the folder of its sound."
            )
    _run(package, ["apt-get", "download", package], work)
    packages = sorted(work.glob("*.deb"))
    if not packages:
        raise BabbleError(f"{package}: apt-get brought no package; try `apt-get download {package}`.")
    _run(package, ["dpkg", "-x", packages[0].name, "tree"], work)
    return work / "tree"


def _recipe(name: str) -> Recipe:
    if name not in RECIPES:
        raise BabbleError(
            f"{name}: there is no such recipe; choose from {', '.join((*RECIPES, *SYNTHESIZED))}."
        )
    return RECIPES[name]


def _run(package: str, command: list[str], folder: Path) -> None:
    try:
        subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        output = (getattr(error, "stderr", None) or str(error)).strip().splitlines()
        raise BabbleError(
            f"{package}: `{' '.join(command)}` failed ({output[-1] if output else 'no message'}); check the network "
            f"and the package sources, and run `apt-get update`."
        ) from error


def _gather(recipe: Recipe, tree: Path, target: Path) -> None:
    """Copies or decodes the sound files of an unpacked package into one flat folder."""
    source = tree / recipe.audio
    paths = [
        path
        for path in sorted(source.rglob("*"))
        if path.suffix in (".g722", *sound_types.SUFFIXES)
        and path.relative_to(source).parts[0] not in recipe.skip
        and path.stat().st_size > 0  # the Russian prompts hold an empty one
    ]
    if not paths:
        raise BabbleError(
            f"{recipe.package}: holds no sound in {recipe.audio}; the recipe knows another version: "
            f"unpack the package and look for the folder."
        )
    with Progress(f"gathering {recipe.package}", len(paths), "files") as progress:
        for path in paths:
            flat = "-".join(path.relative_to(source).parts)
            if path.suffix == ".g722":
                wave.write(target / flat.replace(".g722", ".wav"), *wave.read_g722(path))
            else:
                shutil.copyfile(path, target / flat)
            label = tree / recipe.labels / f"{path.stem}.lab"
            if recipe.labels and label.is_file():
                shutil.copyfile(label, (target / flat).with_suffix(".lab"))
            progress.update()
    shutil.copyfile(tree / "usr/share/doc" / recipe.package / "copyright", target / "COPYRIGHT.txt")
