"""What the pages in docs/ name is there: the tests of the threat model, the messages that people look up, every link."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import pytest
import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.glob("*.md")])
THREATS, SYMPTOMS, ROOMS, COSTS = (DOCS / f"{name}.md" for name in ("threat-model", "troubleshooting", "how-it-works", "costs"))
# Who says no test says why; who says none, or in it, speaks of the control.
NO_TEST, NO_CONTROL = "no test:", ("in it", "none", "near misses among the cases", "among the cases")
GITHUBS_WORDS = ROOT / "tests" / "support" / "github_twin"


@cache
def tokens(path: Path) -> list[Token]:
    return MarkdownIt().enable("table").parse(path.read_text(encoding="utf-8"))


@cache
def links(path: Path) -> list[tuple[str, str]]:
    """Return the links and pictures of a page, each with its text."""
    found = []
    for token in tokens(path):
        children = token.children or []
        for number, child in enumerate(children):
            if child.type == "image":
                found.append((child.content, str(child.attrs["src"])))
            if child.type == "link_open":
                end = next(place for place in range(number, len(children)) if children[place].type == "link_close")
                found.append(("".join(part.content for part in children[number:end]), str(child.attrs["href"])))
    return found


def rows(path: Path, header: str) -> Iterator[list[Token]]:
    """Yield the rows of all tables of a page whose first row has the cell `header`."""
    table: list[list[Token]] = []
    for token in tokens(path):
        if token.type == "table_open":
            table = []
        elif token.type == "tr_open":
            table.append([])
        elif token.type == "inline" and table:
            table[-1].append(token)
        elif token.type == "table_close":
            if any(cell.content == header for cell in table[0]):
                yield from table[1:]
            table = []


def slugs(path: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    found: dict[str, int] = {}
    made = set()
    for opened, inline in zip(tokens(path), tokens(path)[1:], strict=False):
        if opened.type == "heading_open":
            text = "".join(child.content for child in inline.children or [])
            slug = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
            made.add(f"{slug}-{found[slug]}" if slug in found else slug)
            found[slug] = found.get(slug, 0) + 1
    return made


def missing(page: Path) -> list[str]:
    """Return the links of a page that lead nowhere in this repository."""
    wrong = []
    for _, target in links(page):
        path, _, anchor = unquote(target).partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        file = (page.parent / path).resolve() if path else page
        if not file.exists() or (anchor and file.suffix == ".md" and anchor not in slugs(file)):
            wrong.append(target)
    return wrong


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    assert missing(page) == []


def test_control_a_link_that_leads_nowhere_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# A `b`, c!\n\n[x](page.md#a-b-c) [y](page.md#gone) ![z](gone.svg) [w](https://example.com/gone)\n")
    assert missing(page) == ["page.md#gone", "gone.svg"]


@cache
def names(path: Path) -> frozenset[str]:
    """Return the tests of a file, those of a class as `Class::test`, and the words that a case of theirs may be called by."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    found |= {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            inside = {one.name for one in node.body if isinstance(one, ast.FunctionDef)}
            found = (found - inside) | {f"{node.name}::{name}" for name in inside}
    return frozenset(found)


def is_there(text: str, file: Path) -> bool:
    """Tell whether a file has the test `test`, `Class::test` or `test[case]`."""
    test, _, case = text.removesuffix("]").partition("[")
    return file.exists() and {test, case or test} <= names(file) and test.rpartition("::")[2].startswith("test_")


def named(page: Path) -> list[tuple[str, Path]]:
    """Return the tests that a page links to, each with its file."""
    found = [(text, (page.parent / target).resolve()) for text, target in links(page) if "tests/" in target]
    return [(text, file) for text, file in found if re.match(r"(Test\w+::)?test_", text) or page == THREATS]


def test_every_test_that_a_page_names_is_there() -> None:
    found = [(page.name, text) for page in PAGES for text, file in named(page) if not is_there(text, file)]
    assert found == []
    assert len(named(THREATS)) > 150
    assert len(named(COSTS)) > 10


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("test_it", True),
        ("test_it[one]", True),
        ("TestIt::test_that", True),
        ("test_that", False),
        ("test_it[two]", False),
        ("it", False),
        ("TestIt::test_it", False),
    ],
)
def test_control_a_test_that_is_not_there_is_found(tmp_path: Path, text: str, found: bool) -> None:
    file = tmp_path / "test_x.py"
    file.write_text("def it(): ...\n@mark('one')\ndef test_it(): ...\nclass TestIt:\n    def test_that(self): ...\n")
    assert is_there(text, file) is found


def test_every_line_of_the_threat_model_has_its_test_and_its_control_or_says_that_it_has_none() -> None:
    found = list(rows(THREATS, "control"))
    assert len(found) > 50
    for cells in found:
        assert len(cells) == 4, cells[0].content
        test, control = (cell.content for cell in cells[2:])
        assert "](../tests/" in test or test.startswith((NO_TEST, "as above")), cells[0].content
        assert "](../tests/" in control or control.startswith((*NO_CONTROL, "as above")), cells[0].content
        # Named in words alone, nobody would notice that it went.
        assert not re.search(r"(?<!\[)`(?:Test\w+::)?test_", test + control), cells[0].content


def test_every_attack_of_the_containment_suite_is_in_the_threat_model() -> None:
    attacks = {name for path in (ROOT / "tests" / "containment").glob("test_*.py") for name in names(path) if re.match(r"test_\d\d_", name)}
    assert len(attacks) == 44
    assert attacks - {text for text, _ in named(THREATS)} == set()


@cache
def spoken() -> tuple[str, ...]:
    """Return every text in the source, what is put in at run time as a null character."""
    found = []
    for path in [*(ROOT / "scripts").rglob("*.py"), *(ROOT / "actions").rglob("*.py"), *GITHUBS_WORDS.glob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.append(node.value)
            elif isinstance(node, ast.JoinedStr):
                found.append("".join(str(part.value) if isinstance(part, ast.Constant) else "\0" for part in node.values))
    found += [line for name in ("run", "make-environment") for line in (ROOT / "scripts" / name).read_text().splitlines()]
    return tuple(found)


def occurs(message: str) -> bool:
    """Tell whether something in the source says this; `…` stands for what differs."""
    parts = [re.escape(part) for part in message.split("…") if part]
    wanted = re.compile(".*".join(parts), re.DOTALL)
    return any(wanted.search(text) for text in spoken())


MESSAGES = [code.content for cells in rows(SYMPTOMS, "you see") for code in cells[0].children or [] if code.type == "code_inline"]


def test_every_message_that_people_look_up_is_printed() -> None:
    assert [message for message in MESSAGES if not occurs(message)] == []


def test_control_a_message_that_nothing_prints_is_found() -> None:
    assert len(MESSAGES) > 40
    assert occurs("the agent took longer than … s and was ended")
    assert not occurs("the agent took longer than … hours and was ended")


def test_every_room_is_there() -> None:
    found = list(rows(ROOMS, "core, which decides"))
    assert len(found) > 10
    for _, script, core, adapters in found:
        for cell, folder in ((script, "scripts"), (core, "scripts/pinwarden"), (adapters, "scripts/pinwarden/adapters")):
            for name in (code.content for code in cell.children or [] if code.type == "code_inline"):
                places = [ROOT / folder / name, ROOT / folder / f"{name}.py", ROOT / name, ROOT / "actions/run-review/sandbox/proxy" / name]
                assert any(place.exists() for place in places), f"{script.content}: {name}"


def test_costs_tell_the_jobs_of_the_workflows() -> None:
    found = {flow.content: (jobs.content, limits.content) for flow, jobs, limits in rows(COSTS, "no job longer than")}
    assert len(found) == 6
    for flow, (jobs, limits) in found.items():
        path = next(path for path in (ROOT / ".github/workflows" / f"{flow}.yml", ROOT / "examples/workflows" / f"{flow}.yml") if path.exists())
        own = [job for job in yaml.safe_load(path.read_text())["jobs"].values() if "uses" not in job]
        assert int(re.findall(r"\d+", jobs)[0]) == sum("strategy" not in job for job in own), flow
        assert {int(number) for number in re.findall(r"\d+", limits)} == {job["timeout-minutes"] for job in own}, flow
