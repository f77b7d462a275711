"""What several experiments share: dataclasses whose values an experiment is, with one `run` each."""
