"""Tells an agent, in its own container, what is wrong with what it wrote. Nobody relies on it: what counts is read again outside.

python3 -I check.py  ->  exit code 1 and the prompt of a second turn, where the two files don't follow the form
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from pinwarden.adapters.collection import collect_folder  # where it is, the line above says
from pinwarden.adapters.staged_lines import line_exists
from pinwarden.target import Evidence, Side
from pinwarden.written import read_written, unproven

INPUT, OUTPUT = Path("/in"), Path("/out")
AGAIN = """\

# Second turn

You, or somebody before you, has done all of the above and written the two files. A program that reads them says:

{problems}

Mend the two files and nothing else; what they find stays as it is. If there are none, do the review now. There is no third turn.
"""


def exists(place: Evidence) -> bool:
    return line_exists(INPUT / ("repository" if place.side is Side.HEAD else "base"), place)


def main() -> int:
    taken = collect_folder(OUTPUT)
    report, _, wrong = read_written(taken.report, taken.labels)
    problems = [*taken.reasons, *wrong, *unproven(report.findings if report else (), exists)]
    if not problems:
        return 0
    print((INPUT / "prompt.md").read_text() + AGAIN.format(problems="\n".join(f"- {problem}" for problem in problems)))
    return 1


if __name__ == "__main__":
    sys.exit(main())
