"""Tasks: what a trainer trains, one room for each kind of model."""
