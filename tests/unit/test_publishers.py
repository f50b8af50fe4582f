"""The list of publishers: what is refused, on which line, in which words; a case is a folder `tests/cases/publishers/<case>`."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pinwarden.adapters.registry_files import validator
from pinwarden.config import Config
from pinwarden.document import MAX_BYTES
from pinwarden.errors import Misuse
from pinwarden.finding import Severity
from pinwarden.publishers import Domain, Listed, Owner, Publisher, mixed_change, publishers_findings, read_publishers
from pinwarden.validation import MOST_FINDINGS

FOLDER = Path(__file__).resolve().parents[1] / "cases" / "publishers"
CASES = sorted(path.parent for path in FOLDER.glob("*/expect.json"))
SCHEMA = validator("publishers")
GOOD = (FOLDER / "valid-all-parts" / "publishers.yml").read_bytes()


def expected(folder: Path) -> list[dict[str, Any]]:
    content: list[dict[str, Any]] = json.loads((folder / "expect.json").read_bytes())
    return content


@pytest.mark.parametrize("folder", CASES, ids=lambda path: path.name)
def test_a_list_gets_exactly_its_findings(folder: Path) -> None:
    found = publishers_findings((folder / "publishers.yml").read_bytes(), SCHEMA, "publishers.yml")
    wanted = expected(folder)
    assert [finding.line for finding in found] == [one["line"] for one in wanted]
    for finding, one in zip(found, wanted, strict=True):
        assert one["words"] in finding.message
        assert (finding.server, finding.path, finding.rule, finding.severity) == ("", "publishers.yml", "publishers-invalid", Severity.ERROR)
        for text in (finding.message, finding.hint):
            assert text.isprintable()
            assert text.isascii()
            assert text.strip()
            assert len(text) < 300
    assert folder.name.startswith("valid-") == (found == [])


@pytest.mark.parametrize("folder", CASES, ids=lambda path: path.name)
def test_what_has_a_finding_is_misuse_on_its_line(folder: Path) -> None:
    raw = (folder / "publishers.yml").read_bytes()
    wanted = expected(folder)
    if not wanted:
        assert all(isinstance(one, Publisher) for one in read_publishers(raw, SCHEMA, "publishers.yml"))
        return
    with pytest.raises(Misuse) as raised:
        read_publishers(raw, SCHEMA, "publishers.yml")
    assert raised.value.message.startswith(f"publishers.yml:{wanted[0]['line']}: ")
    assert raised.value.exit_code == 2


def test_every_field_is_read() -> None:
    assert read_publishers(GOOD, SCHEMA, "publishers.yml") == (
        Publisher(
            "acme",
            "Acme Inc.",
            "https://acme.example",
            "https://github.com/example/registry/issues/12",
            date(2026, 11, 1),
            date(2027, 11, 1),
            suspended=False,
            owners=(Owner("github.com", "acme", 1234),),
            repositories=(Listed("github.com", "jane/acme-mcp", 99),),
            domains=(Domain("acme.example", "dns-txt", date(2026, 11, 1), subdomains=True),),
        ),
    )
    assert read_publishers(GOOD + b"    status: suspended\n", SCHEMA, "x")[0].suspended
    excluding = GOOD.replace(b"id: 1234\n", b"id: 1234\n        exclude: [Hackathon]\n")
    assert read_publishers(excluding, SCHEMA, "x")[0].owners[0].exclude == {"hackathon"}


def test_without_a_list_nobody_is_known() -> None:
    assert read_publishers(None, SCHEMA, "publishers.yml") == ()


def test_a_list_that_is_too_large_is_refused_unread() -> None:
    (finding,) = publishers_findings(b"#" * (MAX_BYTES + 1), SCHEMA, "publishers.yml")
    assert (finding.line, "larger than 256 KiB" in finding.message, "rows" in finding.hint) == (1, True, True)


def test_of_a_hostile_list_no_more_is_told_than_anybody_reads() -> None:
    rows = "".join(f"  - {{id: {number}}}\n" for number in range(2000))
    assert len(publishers_findings(f"version: 1\npublishers:\n{rows}".encode(), SCHEMA, "x")) == MOST_FINDINGS


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["2026-11-01", "acme", "github.com", "jane/acme", "9999-12-31"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "name", "owners", "repositories", "domains", "checked", "expires", "login", "host", "x"]), inner, max_size=6)
    ),
    max_leaves=12,
)


@given(VALUES)
def test_rows_of_any_shape_are_told_about_and_stop_nothing(rows: object) -> None:
    raw = yaml.safe_dump({"version": 1, "publishers": rows}, allow_unicode=True).encode("utf-8", "surrogatepass")
    found = publishers_findings(raw, SCHEMA, "publishers.yml")
    assert found or rows == []


@given(st.binary(max_size=200) | st.builds(lambda at, more: GOOD[:at] + more + GOOD[at:], st.integers(0, len(GOOD)), st.binary(max_size=8)))
def test_bytes_of_any_kind_are_a_list_or_misuse(raw: bytes) -> None:
    found = publishers_findings(raw, SCHEMA, "publishers.yml")
    if found:
        with pytest.raises(Misuse):
            read_publishers(raw, SCHEMA, "publishers.yml")
    else:
        read_publishers(raw, SCHEMA, "publishers.yml")


LIST, ENTRIES = "publishers.yml", [f"servers/{name}/server.yaml" for name in "abc"]


def test_a_change_of_the_list_and_of_entries_is_named_with_one_of_them() -> None:
    (many,) = mixed_change(Config(), Config(), [LIST, *ENTRIES])
    (one,) = mixed_change(Config(), Config(), [LIST, ENTRIES[0]])
    assert '"servers/a/server.yaml" and 2 more' in many.message
    assert one.message.endswith('"servers/a/server.yaml"')
    assert (one.path, one.line, one.rule) == (LIST, 1, "publishers-with-entries")


@pytest.mark.parametrize("changed", [[], [LIST], ENTRIES, [LIST, "README.md"], ["mine.yml", *ENTRIES]])
def test_either_alone_is_nothing(changed: list[str]) -> None:
    assert mixed_change(Config(), Config(), changed) == []


@pytest.mark.parametrize(("own", "changed"), [(Config(publishers="mine.yml"), ENTRIES), (Config(entries="other/*/server.yaml"), [LIST, "other/a/server.yaml"])])
def test_a_change_can_not_call_them_something_else(own: Config, changed: list[str]) -> None:
    assert len(mixed_change(Config(), own, changed)) == 1
