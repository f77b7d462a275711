"""Voice and timing put together: a dialogue of babblers, written with its annotation."""
