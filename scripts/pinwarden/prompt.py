"""What a reviewing agent is told. The words are in `actions/run-review/sandbox/prompt`; what is filled in was validated first."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from string import Template

from pinwarden.shown import shown
from pinwarden.target import Mode, Target
from pinwarden.tree import normal

PARTS = ("differential", "full", "shared", "report")
"""The templates, by the stem of their file."""


def prompt_for(target: Target, templates: Mapping[str, str]) -> str:
    """Return the prompt for `target`; `templates` has the text of each of `PARTS`."""
    directory = normal(target.directory)
    shared = Template(templates["shared"]).substitute(report=templates["report"].rstrip("\n"))
    return Template(templates["full" if target.mode is Mode.FULL else "differential"]).substitute(
        server=shown(target.server),
        project=shown(target.project),
        base=target.base or "",
        head=target.head,
        directory=shown(directory) or ".",
        pathspec=shown(shlex.quote(directory)) if directory else ".",
        shared=shared.rstrip("\n"),
    )
