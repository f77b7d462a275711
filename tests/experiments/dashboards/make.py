"""Makes the golden models of the dashboards: `python -m tests.experiments.dashboards.make`."""

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


def models() -> dict[str, Any]:
    """Returns what the library would send, by the name of the dashboard, without the ids that it draws."""
    from experiments import dashboards

    library_models = {
        name: dashboards.make_workspace(one, "team", "project") for name, one in dashboards.DASHBOARDS.items()
    }
    library_models["report"] = dashboards.make_report("team", "project")
    return {
        name: without_ids(json.loads(one._to_model().model_dump_json(by_alias=True, exclude_none=True)))
        for name, one in library_models.items()
    }


def without_ids(value: Any) -> Any:
    """Leaves out what is drawn at random."""
    if isinstance(value, dict):
        return {name: without_ids(one) for name, one in value.items() if name not in ("id", "__id__")}
    return [without_ids(one) for one in value] if isinstance(value, list) else value


if __name__ == "__main__":
    for name, model in models().items():
        (FOLDER / f"{name}.json").write_text(json.dumps(model, indent=1) + "\n", encoding="utf-8")
