"""What a check shows: within GitHub's limit, cut where Markdown can be cut, and nothing foreign that acts."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from pinwarden.check_output import MOST_BYTES, aggregate_output, fitted, output_of
from pinwarden.conclusion import Check, Conclusion
from pinwarden.foreign_markdown import rendered, rendered_again
from pinwarden.pull_comment import comment, job_summary
from pinwarden.review import check_of
from pinwarden.status import NamedCheck
from support.reviewed import review
from unit.test_foreign_markdown import CASES, LIMIT, PIECES, TRUSTED, assert_harmless

PLAN: dict[str, Any] = {
    "targets": [{"server": "mail", "path": "servers/mail/server.yaml", "line": 7}],
    "pull_request": {"number": 1, "head": "c" * 40},
    "identity": "gate",
    "details": "public",
}
CUT = "*Cut here;"


def named(made: dict[str, Any]) -> NamedCheck:
    return NamedCheck("security-review/claude/mail", check_of(made), tuple(made["reasons"]), made)


def closed(markdown: str) -> bool:
    """Tell whether every fence in a text ends before the text does: what follows would else be code."""
    tokens = MarkdownIt("commonmark").parse(f"{markdown}\n\nEND")
    return len(tokens) > 1 and tokens[-2].content == "END"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_an_attack_does_nothing_the_second_time_either(case: Path) -> None:
    assert_harmless("\n\n".join(rendered_again(case.read_text(), [TRUSTED])))


@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_any_mixture_of_attacks_comes_out_harmless(text: str) -> None:
    assert_harmless("\n\n".join(rendered_again(text, [TRUSTED])))


@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_what_was_made_safe_is_safe_again(text: str) -> None:
    assert_harmless("\n\n".join(rendered_again(rendered(text, LIMIT, [TRUSTED]).markdown, [TRUSTED])))


def test_what_was_made_safe_stays_as_it_is() -> None:
    text = (
        f"# Title\n\n## Two\n\nSome *text* with `code` and \\*stars\\*, @ada.\n\n1. one\n2. two\n\n> quoted\n\n```python\nx = 1\n```\n\n[here]({TRUSTED}a#L3)\n"
    )
    once = rendered(text, LIMIT, [TRUSTED]).markdown
    assert "\n\n".join(rendered_again(once, [TRUSTED])) + "\n" == once
    assert rendered_again("# as large as ours") == ["#### as large as ours"]


@settings(max_examples=200)
@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=60)), max_size=40).map("".join), st.integers(100, 800))
def test_a_cut_is_within_the_limit_and_closes_every_fence(text: str, most: int) -> None:
    blocks = rendered_again(text)
    cut = fitted([f"{block}\n\n" for block in blocks], most)
    assert len(cut.encode()) <= most
    assert closed(cut)
    assert (CUT in cut) == (sum(len(f"{block}\n\n".encode()) for block in blocks) > most) or CUT in text


def test_a_cut_in_a_fence_would_not_be_closed() -> None:
    """The control of the test above."""
    assert not closed("```text\nx\n"[:9])
    assert closed("```text\nx\n```\n")


WIDE = st.text(st.sampled_from("a`|*<@#\n\U0001f600é\u202e"), max_size=120)


@settings(max_examples=60)
@given(WIDE, WIDE, st.integers(0, 200), st.booleans())
def test_no_value_leaves_its_place(title: str, path: str, count: int, complete: bool) -> None:
    place = {"side": "head", "path": path, "line": 1}
    values: dict[str, Any] = {
        "findings": [{"severity": "high", "title": title, "evidence": [place | {"verified": False}] * 3}] * count,
        "surface": [{"kind": "host", "change": "added", "key": title, "risk": "low", "says": title, "evidence": [place]}] * count,
        "not_read": [{"path": f"{number}{path}", "reason": f"{number}{title}", "changed": True} for number in range(count)],
        "agent_version": title,
        "images": {path: "sha256:" + "0" * 64},
    }
    made = review("mail", "high" if complete else None, **values) | ({} if complete else {"reasons": [title or "x"] * (count + 1)})
    shown = output_of(named(made), PLAN, ["a block"] if complete else [])
    for text in (shown.summary, shown.text):
        assert len(text.encode()) <= MOST_BYTES
        assert_harmless(text.replace("sha256:", ""))
    assert shown.summary.index("## Surface") < shown.summary.index("## Risk") < shown.summary.index("## What the agent found")
    assert shown.annotation
    assert re.fullmatch(r"(high risk|review did not complete): ([0-9]+ high|no findings)", shown.annotation.message)


def test_what_is_not_complete_says_first_why() -> None:
    shown = output_of(named(review("mail", None)), PLAN, [])
    assert shown.summary.index("## Why it is not complete") < shown.summary.index("## Surface")
    assert shown.annotation
    assert (shown.annotation.level, shown.annotation.message) == ("FAILURE", "review did not complete: no findings")


def test_where_nothing_could_be_relied_on_the_reason_is_shown() -> None:
    lost = NamedCheck("security-review/claude/mail", Check(Conclusion.FAILURE, "review did not complete"), ("there is <b>no</b> review",))
    shown = output_of(lost, PLAN, [])
    assert "`there is <b>no</b> review`" in shown.summary
    assert "Gate mode" in shown.summary
    assert "<b>" not in output_of(lost, PLAN | {"details": "private"}, []).summary


def test_thousands_of_checks_stay_within_the_limits() -> None:
    checks = [NamedCheck(f"security-review/claude/server-{number}", Check(Conclusion.SUCCESS, "low risk"), ("why" * 50,)) for number in range(5_000)]
    links = {check.name: f"https://github.com/acme/registry/runs/{number}" for number, check in enumerate(checks)}
    final = Check(Conclusion.SUCCESS, "low risk")
    assert len(aggregate_output(final, checks, PLAN, links).summary.encode()) <= MOST_BYTES
    assert len(comment(PLAN, checks, final, links)) <= 65_536
    page = job_summary(PLAN, checks, final, links, [])
    assert len(page.encode()) <= 1024 * 1024
    assert CUT in page
