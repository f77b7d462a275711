"""Events, families of distributions, predictions and manipulations, one corpus each."""
