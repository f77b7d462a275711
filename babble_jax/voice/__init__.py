"""Makes sound: raw-audio models under one contract (`contract.Voice`), their samplers, and voices on disk."""
