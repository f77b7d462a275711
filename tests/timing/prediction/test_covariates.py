"""Covariates."""

from babble_jax.timing.prediction.covariates import COLUMNS, COVARIATES


def test_every_column_is_of_one_covariate():
    assert len(set(COLUMNS)) == len(COLUMNS) == sum(map(len, COVARIATES.values()))
