"""Dashboards in Weights & Biases: the models that the library makes of them, without a network."""

import json
import sys

import pytest

from tests.experiments.dashboards.make import FOLDER, models

pytestmark = [
    pytest.mark.slow,  # the library takes seconds to import
    pytest.mark.filterwarnings("ignore::pydantic.warnings.PydanticDeprecatedSince20"),
]


@pytest.fixture(scope="module")
def library_models():
    return models()


def test_the_models_are_the_golden_ones(library_models):
    golden = {path.stem: json.loads(path.read_text("utf-8")) for path in FOLDER.glob("*.json")}
    assert (
        library_models.keys()
        == golden.keys()
        == {"trainings", "sweeps", "timing-fits", "live-sessions", "report"}
    )
    for name, model in library_models.items():
        assert model == golden[name], name


def test_what_they_show_is_what_is_logged(library_models):
    text = json.dumps(library_models["trainings"])
    for name in (
        *("validation/bits", "train/gradient_norm", "train/update_norm", "machine/samples_per_second"),
        *(
            "machine/share_of_peak",
            "train/seconds_of_audio",
            "babble",
            "speech",
            "quantized/speech",
            "best/bits",
        ),
    ):
        assert f'"{name}"' in text, name
    assert '"value": "train"' in text
    assert library_models["sweeps"]["spec"]["section"]["runSets"][0]["grouping"]


def test_a_voice_with_speakers_has_panels_for_each():
    from experiments.dashboards import name_speakers

    names = name_speakers(("babble", "quantized/speech", "train/bits"), ("woman", "man"))
    assert names == (
        "babble-woman",
        "babble-man",
        "quantized-woman/speech",
        "quantized-man/speech",
        "train/bits",
    )


def test_one_command_saves_all(monkeypatch, capsys):
    from experiments import dashboards

    saved = []
    for kind in (dashboards.ws.Workspace, dashboards.wr.Report):
        monkeypatch.setattr(kind, "save", lambda self, **options: saved.append(self))
        monkeypatch.setattr(kind, "url", property(lambda self: "address"))
    monkeypatch.setattr(sys, "argv", ["dashboards", "--entity", "team"])
    dashboards.main()
    assert len(saved) == 5
    assert capsys.readouterr().out.count("address") == 5
