"""The command `python -m experiments.report`: writes the pages of results, or checks them."""

import argparse
import os
import sys
from pathlib import Path

from experiments.report import pages
from experiments.report.results import RESULTS, ReportError, read


def main(arguments: list[str] | None = None) -> int:
    """Runs what the command line asks for; returns the exit status, with one sentence if it is not 0."""
    parser = argparse.ArgumentParser("python -m experiments.report", description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit with 1 where a page differs"
    )
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the JSON files")
    parser.add_argument("--docs", type=Path, default=pages.DOCS, help="folder of the pages")
    options = parser.parse_args(arguments)
    try:
        generated = pages.generate(read(options.results))
    except ReportError as error:
        print(f"report: {error}", file=sys.stderr)
        return 1
    if not options.check:
        pages.write(generated, options.docs)
        return 0
    differing = pages.differing(generated, options.docs)
    if differing:
        names = ", ".join(os.path.relpath(options.docs / name) for name in differing)
        verb = "differs" if len(differing) == 1 else "differ"
        print(f"report: {names} {verb} from the results; run `{pages.COMMAND}`.", file=sys.stderr)
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
