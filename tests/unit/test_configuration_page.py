"""docs/configuration.md names every key of the configuration, and none that is not one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def keys(schema: dict[str, Any], before: str = "") -> Iterator[str]:
    for key, inner in schema["properties"].items():
        if inner.get("additionalProperties") is False and "properties" in inner:
            yield from keys(inner, f"{before}{key}.")
        else:
            yield f"{before}{key}"


def named(page: str) -> Iterator[str]:
    """Yield the keys of the table's first column: "`status.high`, `medium`" are two of one group."""
    for row in re.findall(r"^\| (`.*?) \|", page, re.MULTILINE):
        group = ""
        for key in re.findall(r"`([^`]+)`", row):
            yield key if "." in key or not group else f"{group}.{key}"
            group = key.rpartition(".")[0] if "." in key else group


def test_the_page_has_every_key_and_no_other() -> None:
    schema = json.loads((ROOT / "schemas/config.schema.json").read_text())
    assert sorted(named((ROOT / "docs/configuration.md").read_text())) == sorted(keys(schema))
