"""map-labels: what a reviewer's label file means for a pull request. Whatever is not clear blocks."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from pinwarden import render
from pinwarden.adapters import actions_io, command_line
from pinwarden.adapters.collection import NotCollected, read_plain_file
from pinwarden.conclusion import Conclusion, conclude
from pinwarden.labels import MOST_BYTES, BadLabels, Labels, read_labels


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    command = command_line.parser(
        "map-labels",
        "Map a reviewer's label file to the conclusion of a check: critical blocks, high and medium warn, low and info pass, anything else blocks.",
        ["--labels review/labels.txt", "--labels review/labels.txt --format json"],
    )
    command.add_argument(
        "--labels", type=Path, required=True, metavar="FILE", help="the label file: a line security-risk:<level>, perhaps one security-blocked"
    )
    command.add_argument("--format", choices=["text", "json", "github"], default="text", help="how to print the conclusion (default: text)")
    return command.parse_args(argv)


def labels_in(path: Path) -> tuple[Labels | None, str]:
    """Return the labels in the file at `path`, or None and the reason why there are none."""
    try:
        return read_labels(read_plain_file(path, MOST_BYTES)), ""
    except (NotCollected, BadLabels) as error:
        return None, str(error)


def main(argv: Sequence[str] | None = None) -> int:
    args = parse(argv)
    labels, reason = labels_in(args.labels)
    check = conclude(labels)
    risk, blocked = (str(labels.risk), labels.blocked) if labels else (None, False)
    if args.format == "json":
        print(render.as_json({"risk": risk, "blocked": blocked, "conclusion": check.conclusion, "title": check.title}), end="")
    else:
        print(f"{check.conclusion}: {check.title}")
    failed = check.conclusion is Conclusion.FAILURE
    if failed:
        told = f"the reviewer's labels block: {', '.join(labels.listed())}" if labels else f"the review gives no usable labels: {reason}"
        command_line.tell(told, "read the review before anything is merged" if labels else "review again; until then this blocks")
    if args.format == "github" and actions_io.in_workflow():
        actions_io.set_outputs(risk=risk or "", blocked=str(blocked).lower(), conclusion=str(check.conclusion), title=check.title)
    return command_line.FINDINGS if failed else command_line.OK


if __name__ == "__main__":
    sys.exit(command_line.run(main))
