"""A live agent: its turn-taking beside people and a simulated partner."""
