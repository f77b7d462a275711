"""Evaluates predictions of the next floor-transfer offset, covariate by covariate."""
