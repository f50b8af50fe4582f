"""Findings as text, JSON, workflow commands and SARIF; whatever a registry's files are called, nothing else gets out."""

from __future__ import annotations

import json
import os
import re
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinwarden import render
from pinwarden.finding import Finding, Severity

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=40)


def finding(path: str = "servers/weather/server.yaml", severity: Severity = Severity.ERROR, rule: str = "commit-length") -> Finding:
    return Finding("weather", path, 8, 3, rule, severity, "the commit has 7 characters, 40 are required", "write all 40 characters")


WARNING = finding(severity=Severity.WARNING, rule="image-namespace")


def test_text_is_a_line_to_jump_to_and_a_hint() -> None:
    assert render.as_text([finding()]) == (
        "servers/weather/server.yaml:8:3: error[commit-length]: the commit has 7 characters, 40 are required\n    write all 40 characters\n"
    )
    assert render.as_text([]) == ""


def test_colour_marks_the_rule_alone() -> None:
    coloured = render.as_text([finding(), WARNING], colour=True)
    assert "\x1b[31merror[commit-length]\x1b[0m" in coloured
    assert "\x1b[33mwarning[image-namespace]\x1b[0m" in coloured
    assert re.sub("\x1b\\[\\d+m", "", coloured) == render.as_text([finding(), WARNING])


@pytest.mark.parametrize(
    ("errors", "warnings", "words"),
    [(0, 0, "0 errors, 0 warnings"), (1, 1, "1 error, 1 warning"), (2, 0, "2 errors, 0 warnings"), (0, 3, "0 errors, 3 warnings")],
)
def test_counts_are_told_in_words(errors: int, warnings: int, words: str) -> None:
    assert render.counts([finding()] * errors + [WARNING] * warnings) == words


def test_json_has_the_eight_members_of_the_contract() -> None:
    assert render.as_records([finding()]) == [
        {
            "server": "weather",
            "path": "servers/weather/server.yaml",
            "line": 8,
            "column": 3,
            "rule": "commit-length",
            "severity": "error",
            "message": "the commit has 7 characters, 40 are required",
            "hint": "write all 40 characters",
        }
    ]
    assert [field.name for field in fields(Finding)] == list(render.as_records([finding()])[0])
    assert json.loads(render.as_json(render.as_records([finding()])))[0]["severity"] == "error"


def test_annotations_put_errors_first_and_stand_on_their_line() -> None:
    assert render.as_annotations([WARNING, finding()], "registry/").split("\n") == [
        (
            "::error file=registry/servers/weather/server.yaml,line=8,col=3,title=commit-length::"
            "the commit has 7 characters, 40 are required. write all 40 characters"
        ),
        (
            "::warning file=registry/servers/weather/server.yaml,line=8,col=3,title=image-namespace::"
            "the commit has 7 characters, 40 are required. write all 40 characters"
        ),
        "",
    ]


def test_annotations_escape_what_would_end_a_property_or_a_line() -> None:
    assert "file=a%25%3A%2C%0D%0A%3A%3Ab," in render.as_annotations([finding("a%:,\r\n::b")])


def test_sarif_places_each_finding_and_names_each_rule_once() -> None:
    log = json.loads(render.as_sarif([finding(), finding(), WARNING], "registry/"))
    (run,) = log["runs"]
    assert log["version"] == "2.1.0"
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["commit-length", "image-namespace"]
    assert [(result["ruleId"], result["ruleIndex"], result["level"]) for result in run["results"]] == [
        ("commit-length", 0, "error"),
        ("commit-length", 0, "error"),
        ("image-namespace", 1, "warning"),
    ]
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": "registry/servers/weather/server.yaml"}, "region": {"startLine": 8, "startColumn": 3}}


def test_sarif_of_no_finding_is_a_run_that_says_so() -> None:
    assert json.loads(render.as_sarif([]))["runs"][0]["results"] == []


@pytest.mark.parametrize(("path", "uri"), [("a b", "a%20b"), ("é", "%C3%A9"), ("a%b", "a%25b"), ("a\udcff", "a%FF"), ("a#?b", "a%23%3Fb"), ("a\nb", "a%0Ab")])
def test_sarif_names_files_as_uris(path: str, uri: str) -> None:
    log = json.loads(render.as_sarif([finding(path)]))
    assert log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri


@given(ANY_TEXT)
def test_a_finding_is_two_lines_of_text_whatever_its_path(path: str) -> None:
    assert len(render.as_text([finding(path)]).splitlines()) == 2


@given(ANY_TEXT, ANY_TEXT)
def test_a_finding_is_one_workflow_command_whatever_its_path(path: str, prefix: str) -> None:
    text = render.as_annotations([finding(path)], prefix)
    # The runner splits at \r and \n alone.
    assert [line.startswith("::error file=") for line in re.split(r"\r|\n", text)] == [True, False]
    assert text.count("::") == 2


@given(st.binary(max_size=40).map(os.fsdecode))
def test_json_and_sarif_are_one_document_in_ascii(path: str) -> None:
    for text in (render.as_json(render.as_records([finding(path)])), render.as_sarif([finding(path)])):
        assert text.isascii()
        json.loads(text)


@pytest.mark.parametrize(
    ("count", "noun", "said"), [(1, "entry", "1 entry"), (2, "entry", "2 entries"), (0, "day", "0 days"), (1, "day", "1 day"), (2, "pin", "2 pins")]
)
def test_numbers_agree_with_their_nouns(count: int, noun: str, said: str) -> None:
    assert render.number(count, noun) == said
