"""`babble train --task ear`: its own options, the task of a run that goes on, what is refused."""

from babble_jax.cli import usage
from babble_jax.cli.train import Train
from babble_jax.cli.train_ear import TrainEar
from babble_jax.train.config import LogConfig
from babble_jax.train.record import RunRecord
from babble_jax.train.tasks.ear.config import EarShape, EarTrainConfig
from tests.command import refused


def test_the_task_decides_the_options():
    own = usage.parse(["train", "speech", "--task", "ear", "--model.look-ahead", "3", "--tempo", "0"])
    assert isinstance(own, TrainEar)
    assert (own.config.recordings, own.config.model.look_ahead, own.config.tempo) == ("speech", 3, 0)
    assert isinstance(usage.parse(["train", "speech"]), Train)


def test_a_run_of_an_ear_goes_on_by_its_folder(tmp_path):
    config = EarTrainConfig(recordings="speech", model=EarShape(dim=8))
    RunRecord.begin(config, {}, 7, LogConfig(every=3)).write(tmp_path)
    (tmp_path / "checkpoints" / "3").mkdir(parents=True)
    own = usage.parse(["train", "--workdir", str(tmp_path)])
    assert isinstance(own, TrainEar)
    assert (own.config, own.steps, own.log.every) == (config, 7, 3)


def test_what_is_refused(capsys, tmp_path):
    assert "no recordings are named" in refused(capsys, "train --task ear")
    line = f"train {tmp_path / 'nowhere'} --task ear --workdir {tmp_path / 'run'}"
    assert "nowhere: there is no such folder; name one with recordings and their labels." in refused(
        capsys, line
    )
    assert "tempo is 2.0; choose from 0 to 0.5" in refused(capsys, f"{line} --tempo 2")
    assert "there is no option --preset" in refused(capsys, f"{line} --preset small")
