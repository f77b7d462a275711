"""Dashboards in Weights & Biases as code: a workspace for each kind of run, and a report over all of them.

    python -m experiments.dashboards --entity NAME --project babble_jax

makes the workspaces and a draft of the report, and prints their addresses; it needs `wandb login` and the extra
`dashboards`. What it shows is what `babble train`, `fit`, `converse` and `live` log with `--log.wandb`; without Weights
& Biases `babble board` shows the same. `--speakers woman man` shows the sounds of a voice with these speakers.
"""

import argparse
import dataclasses
import sys

try:
    import wandb_workspaces.reports.v2.interface as wr
    import wandb_workspaces.workspaces as ws
    from wandb_workspaces import expr
except ImportError:
    sys.exit("dashboards: wandb-workspaces is not installed; run pip install 'babble_jax[dashboards]'.")

STEP = "step"
OF_SPEAKERS = ("babble", "speech", "spectrogram", "speech_spectrogram", "quantized", "judge")
"""Beginnings of names that a voice with speakers logs once for each: `babble-woman`."""


@dataclasses.dataclass(frozen=True)
class Panels:
    """A section of a dashboard.

    Attributes:
      name: heading.
      curves: metrics by step, a panel each.
      log_curves: the same with values on a log scale.
      media: names of sounds and pictures, side by side by step.
      tables: names of tables, a panel each.
      histograms: names of histograms, a panel each.
      bars: values of the summary, a panel each.
      comparison: whether the values in which the runs differ are shown, and which of them matter for `target`.
      target: value of the summary that a sweep is about.
    """

    name: str
    curves: tuple[str, ...] = ()
    log_curves: tuple[str, ...] = ()
    media: tuple[tuple[str, ...], ...] = ()
    tables: tuple[str, ...] = ()
    histograms: tuple[str, ...] = ()
    bars: tuple[str, ...] = ()
    comparison: bool = False
    target: str = ""


@dataclasses.dataclass(frozen=True)
class Dashboard:
    """A workspace.

    Attributes:
      title: name of the workspace, and heading in the report.
      about: a sentence on what it shows.
      kind: wandb's job type of its runs.
      grouped: whether runs of one group are one line, with seeds as a band.
      sections: its panels.
    """

    title: str
    about: str
    kind: str
    grouped: bool
    sections: tuple[Panels, ...]


JUDGE = (
    "speech_share",
    "modulation_share",
    "voiced_share",
    "f0_median_hz",
    "ltas_distance_db",
    "loop_correlation",
)
LEARNING = Panels("Learning", ("validation/bits", "train/bits", "validation/accuracy", "train/learning_rate"))
LISTENING = Panels(
    "Babble beside the same held-out speech",
    media=(("babble", "speech"), ("spectrogram", "speech_spectrogram")),
    histograms=("quantized/babble", "quantized/speech"),
)
OPTIMIZATION = Panels("Optimization", log_curves=("train/gradient_norm", "train/update_norm"))
SPEED = Panels(
    "Speed",
    ("machine/samples_per_second", "machine/share_of_peak", "train/seconds_of_audio", "machine/device_bytes"),
    bars=("parameters", "hours_of_recordings"),
)
DASHBOARDS = {
    "trainings": Dashboard(
        "Trainings",
        "Bits by step, what the voice makes beside held-out speech, how like speech that is, and how fast it trains.",
        "train",
        False,
        (
            LEARNING,
            LISTENING,
            Panels("Is it babble", tuple(f"judge/{name}" for name in JUDGE)),
            OPTIMIZATION,
            SPEED,
            Panels("Best and last", bars=("best/bits", "last/bits", "best/step")),
        ),
    ),
    "sweeps": Dashboard(
        "Sweeps",
        "Runs of one experiment as one line, seeds as a band; which values matter for the best bits.",
        "train",
        True,
        (
            Panels("Curves", ("validation/bits", "train/bits"), bars=("best/bits",)),
            Panels("Values", comparison=True, target="best/bits"),
            OPTIMIZATION,
        ),
    ),
    "timing-fits": Dashboard(
        "Timing fits",
        "Families of distributions by held-out score, their densities and probability integral transforms.",
        "fit",
        False,
        (
            Panels("Leaderboard", tables=("leaderboard",), bars=("best_nats", "offsets", "groups")),
            Panels(
                "Densities and transforms",
                media=(("offsets",),),
                histograms=("offsets/observed",),
                tables=("densities", "PIT"),
            ),
        ),
    ),
    "live-sessions": Dashboard(
        "Live sessions and dialogues",
        "Who speaks when, both sides' timing beside people's, and the agent's sound.",
        "live",
        False,
        (
            Panels("Session", media=(("session",), ("agent", "user")), bars=("seconds",)),
            Panels("Timing", tables=("measures", "timeline")),
        ),
    ),
}


def name_speakers(names: tuple[str, ...], speakers: tuple[str, ...]) -> tuple[str, ...]:
    """Replaces names by those of each speaker, where a voice with speakers logs them so."""
    named: list[str] = []
    for name in names:
        start, slash, rest = name.partition("/")
        each = speakers if start in OF_SPEAKERS else ()
        named += [f"{start}-{speaker}{slash}{rest}" for speaker in each] or [name]
    return tuple(named)


def panels_of(section: Panels, grouped: bool, speakers: tuple[str, ...] = ()) -> list:
    """Makes the panels of a section.

    Args:
      section: what it shows.
      grouped: whether runs of one group are one line.
      speakers: of the voices; empty for voices without.
    """
    section = dataclasses.replace(
        section,
        curves=name_speakers(section.curves, speakers),
        histograms=name_speakers(section.histograms, speakers),
        media=tuple(name_speakers(names, speakers) for names in section.media),
    )
    together = (
        {"groupby": wr.Metric("Group"), "groupby_aggfunc": "mean", "groupby_rangefunc": "minmax"}
        if grouped
        else {}
    )
    panels: list = []
    for names, log in ((section.curves, False), (section.log_curves, True)):
        panels += [wr.LinePlot(title=name, x=STEP, y=[name], log_y=log, **together) for name in names]
    panels += [wr.MediaBrowser(title=" beside ".join(keys), media_keys=[*keys]) for keys in section.media]
    panels += [wr.MediaBrowser(title=name, media_keys=[name]) for name in section.histograms]
    panels += [wr.WeavePanelSummaryTable(table_name=name) for name in section.tables]
    panels += [wr.BarPlot(title=name, metrics=[wr.SummaryMetric(name)], **together) for name in section.bars]
    if section.comparison:
        columns = [wr.ParallelCoordinatesPlotColumn(metric=wr.SummaryMetric(section.target))]
        panels += [
            wr.RunComparer(diff_only=True),
            wr.ParameterImportancePlot(with_respect_to=section.target),
            wr.ParallelCoordinatesPlot(columns=columns),
        ]
    return panels


def make_workspace(
    dashboard: Dashboard, entity: str, project: str, speakers: tuple[str, ...] = ()
) -> ws.Workspace:
    """Makes a workspace, which `save` sends.

    Args:
      dashboard: what it shows.
      entity: user or team of wandb.
      project: project of wandb.
      speakers: of the voices; empty for voices without.
    """
    sections = [
        ws.Section(name=section.name, panels=panels_of(section, dashboard.grouped, speakers), is_open=True)
        for section in dashboard.sections
    ]
    runs = ws.RunsetSettings(
        filters=expr.And(expr.Metric("JobType") == dashboard.kind),
        groupby=[expr.Metric("Group")] if dashboard.grouped else [],
    )
    settings = ws.WorkspaceSettings(x_axis=STEP, max_runs=20)
    return ws.Workspace(
        entity=entity,
        project=project,
        name=dashboard.title,
        sections=sections,
        runset_settings=runs,
        settings=settings,
    )


def make_report(entity: str, project: str, speakers: tuple[str, ...] = ()) -> wr.Report:
    """Makes the report over all dashboards.

    Args:
      entity: user or team of wandb.
      project: project of wandb.
      speakers: of the voices; empty for voices without.
    """
    blocks: list = [wr.TableOfContents()]
    for dashboard in DASHBOARDS.values():
        runs = wr.Runset(
            name=dashboard.title,
            filters=expr.And(expr.Metric("JobType") == dashboard.kind),
            groupby=["Group"] if dashboard.grouped else [],
        )
        blocks += [wr.H1(dashboard.title), wr.P(dashboard.about)]
        for section in dashboard.sections:
            panels = panels_of(section, dashboard.grouped, speakers)
            blocks += [wr.H2(section.name), wr.PanelGrid(runsets=[runs], panels=panels)]
    description = (
        "Trainings, sweeps, timing fits and live sessions of babble_jax; made by experiments/dashboards.py."
    )
    return wr.Report(
        entity=entity, project=project, title="babble_jax", description=description, blocks=blocks
    )


def main() -> None:
    """Makes the dashboards that the command line names."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--entity", required=True, help="user or team of Weights & Biases")
    parser.add_argument("--project", default="babble_jax", help="project of Weights & Biases")
    parser.add_argument("--only", choices=(*DASHBOARDS, "report"), help="make this one alone")
    parser.add_argument("--speakers", nargs="*", default=(), help="of the voices, where they have any")
    options = parser.parse_args()
    for name, dashboard in DASHBOARDS.items():
        if options.only in (None, name):
            workspace = make_workspace(dashboard, options.entity, options.project, tuple(options.speakers))
            workspace.save()
            print(f"{dashboard.title}: {workspace.url}")
    if options.only in (None, "report"):
        report = make_report(options.entity, options.project, tuple(options.speakers))
        report.save(draft=True)
        print(f"report, a draft: {report.url}")


if __name__ == "__main__":
    main()
