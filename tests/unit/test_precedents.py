"""Every rule of the surface answers an attack that was reported in public, and the docs say which."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from pinwarden.surface import precedent
from pinwarden.surface.fact import Kind

DETECTION = Path(__file__).resolve().parents[2] / "docs" / "detection.md"


@pytest.mark.parametrize("kind", Kind)
def test_a_kind_names_its_precedents_and_where_to_read_of_them(kind: Kind) -> None:
    assert kind.precedents
    for one in kind.precedents:
        assert one.name
        assert one.year >= 2010
        source = urlsplit(one.source)
        assert source.scheme == "https"
        assert source.path


def test_every_precedent_has_a_rule() -> None:
    named = {one for one in vars(precedent).values() if isinstance(one, precedent.Precedent)}
    assert named == {one for kind in Kind for one in kind.precedents}


def test_the_table_of_the_docs_is_that_of_the_rules() -> None:
    told = [line for line in DETECTION.read_text().split("\n") if line.startswith("| `")]
    assert told == [f"| `{kind}` | {'; '.join(f'[{one.name}]({one.source}), {one.year}' for one in kind.precedents)} |" for kind in Kind]
