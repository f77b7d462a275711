import pytest

from babble_jax.dataset.building import build_dataset
from babble_jax.dataset.recipes import EXCERPT
from babble_jax.train.tasks.voice.config import VoiceTrainConfig
from babble_jax.train.tasks.voice.speed import measure_training
from babble_jax.voice.models.samplernn import SampleRNNConfig


@pytest.mark.slow
def test_training_is_measured_alone_and_with_its_data(tmp_path):
    dataset = build_dataset(EXCERPT, tmp_path / "data", sample_rate=4_000).path
    model = SampleRNNConfig(frame_sizes=(8,), dim=8, embedding=4, hidden=1, expand_top=True)
    config = VoiceTrainConfig(
        dataset=str(dataset),
        model=model,
        batch_size=4,
        subsequence=64,
        by_activity=True,
        noise=8.0,
        segment_shuffle=0.5,
    )
    values = measure_training(config, 1e9, 0.1)
    assert values["samples_per_second"] > 0 < values["end_to_end_share"]
    share = values["step_samples_per_second"] * values["flops_per_sample"] / 1e9
    assert values["peak_share"] == pytest.approx(share)
