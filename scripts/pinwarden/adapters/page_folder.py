"""The page's templates, and the folder that it is written to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from pinwarden.adapters.fresh_folder import made_anew, require_replaceable

_TEMPLATES = Path(__file__).resolve().parents[1] / "page" / "templates"
_NAMES = frozenset({"index.html", "index.json", "badges"})


def templates() -> dict[str, str]:
    """Return the templates by name."""
    return {path.name: path.read_text(encoding="utf-8") for path in _TEMPLATES.iterdir()}


def refuse_other(output: Path) -> None:
    """Raise Misuse where `output` holds anything but an earlier page: the folder is made anew, and what stands there goes."""
    # An index.html alone may be anybody's.
    require_replaceable(output, _NAMES if output.is_dir() and _is_page(output) else (), "an earlier page")


def _is_page(output: Path) -> bool:
    try:
        return bool({"version", "made", "servers"} <= json.loads((output / "index.json").read_bytes()).keys())
    except (OSError, ValueError, AttributeError):
        return False


def write(output: Path, files: Mapping[str, str]) -> None:
    """Put `files` in the place of whatever page `output` held. Raises Misuse, OutsideError."""
    refuse_other(output)
    with made_anew(output.absolute()) as folder:
        for path, text in files.items():
            target = folder / path
            target.parent.mkdir(exist_ok=True)
            # A lone half of a character can't be written; whatever it was, it is shown as one that could not be.
            target.write_text(text, encoding="utf-8", errors="replace")
