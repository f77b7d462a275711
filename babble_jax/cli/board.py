"""Shows runs as one page."""

import dataclasses
import sys
from pathlib import Path
from typing import Annotated

from tyro.conf import Positional, arg

from babble_jax.cli.marks import NO_HINT
from babble_jax.cli.messages import print_line
from babble_jax.errors import BabbleError

_LARGEST_PORT = 65_535


@dataclasses.dataclass(frozen=True)
class Board:
    """Shows runs as one page: curves, sounds, tables.

    The page is one HTML file that holds all it shows and needs no network: a metric compared over groups of runs that
    differ in their seed alone, curves with seeds as bands, what each run makes beside held-out speech with
    spectrograms, histograms, tables, and the values in which the runs differ.

    RUN is a folder of `babble train`, a run of `babble launch`, or a folder that holds such folders (`runs`, say).

    Attributes:
      run_folders: Folders of runs.
      out: HTML file.
      metric: Metric of the comparison, by step or of the result; validation/bits, say. The page lets you choose others.
      highest: Take the highest value for the best.
      watch: Serve the page on this machine (127.0.0.1) instead, and show what is new as it comes.
      port: Port of --watch; 0 for any that is free.
    """

    run_folders: Annotated[
        Positional[tuple[Path, ...]], arg(help_behavior_hint="(required)", metavar="RUN ...")
    ]
    out: Path = Path("board.html")
    metric: Annotated[str, NO_HINT] = ""
    highest: bool = False
    watch: bool = False
    port: int = 8766

    def __post_init__(self):
        if not self.run_folders:
            raise ValueError("RUN must be given: a folder of `babble train`, or the launcher's `runs`")
        if not 0 <= self.port <= _LARGEST_PORT:
            raise ValueError(f"port is {self.port}; choose from 0 to {_LARGEST_PORT}")

    def run(self) -> None:
        """Writes the page, or serves it."""
        from babble_jax.cli.outputs import check_output
        from babble_jax.launch.board.board_page import write_board
        from babble_jax.launch.board.board_runs import find_board_runs
        from babble_jax.launch.board.content import collect_content
        from babble_jax.plural import plural

        if self.watch:
            from babble_jax.launch.board.serve import serve_board

            serve_board(
                self.run_folders,
                self.metric,
                self.highest,
                self.port,
                lambda line: print_line(line, sys.stderr),
            )
            return
        check_output(self.out, ".html")
        runs = find_board_runs(self.run_folders)
        content = collect_content(runs, self.metric, self.highest)
        if self.metric and not any(
            self.metric in {**run["curves"], **run["numbers"]} for run in content["runs"]
        ):
            names = sorted({name for run in content["runs"] for name in (*run["curves"], *run["numbers"])})
            raise BabbleError(
                f"no run has the metric {self.metric}; choose from {', '.join(names[:20]) or 'none yet'}."
            )
        write_board(self.out, content)
        size = self.out.stat().st_size / 1e6 if self.out.is_file() else 0.0
        print_line(f"{self.out}: {plural(len(runs), 'run')}, {size:.1f} MB; open it in a browser")
