"""A digest of a voice, so that what was measured of another training of it is not taken for its own."""

import hashlib
from pathlib import Path

from babble_jax import files
from babble_jax.presets import registry


def digest_voice(voice: str) -> str:
    """Computes a digest of the files of a voice, its card among them: 12 hexadecimal digits.

    Args:
      voice: name of a voice that ships, or folder of one.
    """
    folder = registry.path("voices", voice) if voice in registry.names("voices") else Path(voice)
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digest.update(path.relative_to(folder).as_posix().encode() + files.sha256(path).encode())
    return digest.hexdigest()[:12]
