"""Writes what README.md and docs/actions.md say of the actions from the actions themselves: `make tables`.

A test holds that both are as this writes them, and that the permissions below are those of the jobs in the workflows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
README, PAGE = ROOT / "README.md", ROOT / "docs/actions.md"
_TABLE = re.compile(r"(?<=<!-- actions: made by `make tables` -->\n).*?(?=<!-- end of actions -->)", re.DOTALL)
_INTERNAL = "setup"
"""What the other actions use; nobody calls it."""


@dataclass(frozen=True, slots=True)
class Needs:
    """What a job must hold for an action: permissions of its token, by what is done where that differs, and secrets."""

    permissions: Mapping[str, tuple[str, ...]]
    secrets: tuple[str, ...] = ()


_NONE: Mapping[str, tuple[str, ...]] = {"": ()}
_CHECKOUT: Mapping[str, tuple[str, ...]] = {"": ("contents: read",)}
_PROPOSES = ("contents: write", "pull-requests: write")
NEEDS: Mapping[str, Needs] = {
    "bump-pins": Needs({"to scan": ("contents: read", "pull-requests: read"), "to carry out": _PROPOSES}),
    "label-image": Needs(_CHECKOUT),
    "map-labels": Needs(_NONE),
    "merge-pins": Needs({"of an App": ("contents: write", "pull-requests: write", "checks: read")}, ("PINWARDEN_APP_KEY",)),
    "new-server": Needs({"to write": ("contents: read",), "to propose": _PROPOSES}),
    "plan-reviews": Needs({"": ("contents: read", "pull-requests: read", "checks: write"), "an audit": ("contents: read",)}, ("PINWARDEN_APP_KEY",)),
    "publish-page": Needs(_CHECKOUT),
    "record-reviews": Needs({"": ("contents: write",), "to attest": ("id-token: write", "attestations: write")}),
    "report-status": Needs({"": ("checks: write", "pull-requests: write", "issues: write")}, ("PINWARDEN_APP_KEY",)),
    "resolve-trust": Needs(_CHECKOUT),
    "run-review": Needs(_NONE, ("ANTHROPIC_API_KEY", "OPENAI_API_KEY")),
    "validate-pins": Needs(_CHECKOUT),
    "verify-image": Needs(_CHECKOUT),
}


def actions() -> dict[str, dict[str, Any]]:
    """Return every action that a workflow may call, by name."""
    found = {path.parent.name: yaml.safe_load(path.read_text()) for path in sorted(ROOT.glob("actions/*/action.yml"))}
    del found[_INTERNAL]
    return found


def readme_table() -> str:
    """Return the table of README.md: a row for each action."""
    rows = ["| action | inputs, **required** | outputs | the job's permissions | secrets |\n|---|---|---|---|---|\n"]
    for name, action in actions().items():
        inputs = ", ".join(f"**{_code(each)}**" if given.get("required") else _code(each) for each, given in (action.get("inputs") or {}).items())
        outputs = ", ".join(_code(each) for each in action.get("outputs") or {})
        rows.append(f"| [{name}](docs/actions.md#{name}) | {inputs} | {outputs} | {_permissions(name)} | {_secrets(name)} |\n")
    return "".join(rows)


def readme(text: str) -> str:
    """Return README.md with the table in its place."""
    return _TABLE.sub(lambda _: readme_table(), text)


def page() -> str:
    """Return docs/actions.md."""
    return "".join(_page())


def _page() -> Iterator[str]:
    yield "# Actions\n\n<!-- made from actions/*/action.yml by `make tables` -->\n\n"
    yield "What each takes, gives and needs. `uses: pinwarden/pinwarden/actions/<name>@<commit of a release>`; `uses: pinwarden/pinwarden@…` alone is\n"
    yield "validate-pins. Secrets belong into environments, not into the repository: [plan-reviews](plan-reviews.md#set-it-up) says which.\n"
    for name, action in actions().items():
        yield f"\n## {name}\n\n{action['description'].strip()}"
        if (ROOT / f"docs/{name}.md").exists():
            yield f" [More]({name}.md)."
        yield f"\n\nThe job's permissions: {_permissions(name)}. Secrets: {_secrets(name)}.\n"
        if inputs := action.get("inputs"):
            yield "\n| input | default | meaning |\n|---|---|---|\n"
            yield from (f"| {_code(key)} | {_default(given)} | {_cell(given['description'])} |\n" for key, given in inputs.items())
        if outputs := action.get("outputs"):
            yield "\n| output | meaning |\n|---|---|\n"
            yield from (f"| {_code(key)} | {_cell(given['description'])} |\n" for key, given in outputs.items())


def _permissions(name: str) -> str:
    told = []
    for when, wanted in NEEDS[name].permissions.items():
        listed = ", ".join(map(_code, wanted)) or "none"
        told.append(f"{when} {listed}" if when else listed)
    return "; ".join(told)


def _secrets(name: str) -> str:
    return " or ".join(map(_code, NEEDS[name].secrets)) or "none"


def _default(given: Mapping[str, Any]) -> str:
    default = re.sub(r"\$\{\{ (.*) \}\}", r"\1", str(given.get("default", "")))
    return "required" if given.get("required") else _code(default) if default else ""


def _code(text: str) -> str:
    return f"`{text}`"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    README.write_text(readme(README.read_text()))
    PAGE.write_text(page())
