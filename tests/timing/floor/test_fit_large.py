"""The floor of a corpus of which a part is fitted and the rest is scored."""

import dataclasses

import pytest

from babble_jax.timing.floor import fit_large
from babble_jax.timing.floor.fit_large import fit_floor_on_part
from babble_jax.timing.preset import load_timing


@pytest.mark.slow
def test_a_part_is_fitted_and_the_conversations_of_others_are_scored(monkeypatch):
    floor = load_timing("switchboard").require_floor()
    corpus = [
        dataclasses.replace(one, group=f"g{i // 2}") for i, one in enumerate(floor.draw(1, range(12), 120.0))
    ]
    fitted = []

    def fit(part, definitions):
        fitted.extend(one.id for one in part)
        return floor

    monkeypatch.setattr(fit_large, "fit_floor", fit)
    monkeypatch.setattr(fit_large, "FITTED_HOURS", 0.1)  # of 0.4
    monkeypatch.setattr(fit_large, "_BATCH", 4)
    result = fit_floor_on_part(corpus, floor.definitions)
    assert fitted == [corpus[i].id for i in (0, 4, 8)]
    others = [one for i, one in enumerate(corpus) if i // 2 not in (0, 2, 4)]
    assert result.card.heldout_nats == pytest.approx(
        floor.log_likelihood(others).sum() / (120 * len(others)), rel=1e-6
    )
    assert fit_floor_on_part(corpus, floor.definitions, heldout=False) == floor
