"""A check of the installation and of the machine."""

import dataclasses
import sys

from babble_jax.cli.messages import print_json, print_line


@dataclasses.dataclass(frozen=True)
class Doctor:
    """Checks the installation and the machine, for a bug report.

    It prints the versions of the libraries, the devices, the processor and its cores, memory, caches and disk, and lets
    the default voice speak for a moment. Paste all of it into a bug report: paths in your home begin with `~`, and
    nothing is sent anywhere. Where something is broken it says how to mend it, and the exit code is 1.

    Attributes:
      json: Print one JSON object on standard output, and nothing else.
    """

    json: bool = False

    def run(self) -> None:
        """Examines the machine and prints what it found; exit code 1 where something is broken."""
        from babble_jax.cli.doctor_report import examine, report_text

        report = examine()
        if self.json:
            print_json(report)
        else:
            for line in report_text(report).split("\n"):
                print_line(line)
        if report["problems"]:
            sys.exit(1)
