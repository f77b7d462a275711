"""Makes sound: raw-audio models under one contract (`contract.Voice`), their samplers, and voices on disk."""

DEFAULT = "babblers"
"""The voice that ships and is used where none is named: two speakers."""
