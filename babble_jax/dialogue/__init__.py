"""Two babblers on disk: a dialogue is planned by the timing, rendered by the voices, annotated and pictured."""
