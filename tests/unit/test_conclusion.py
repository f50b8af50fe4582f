"""From labels to a check: critical blocks, high and medium warn, low and info pass, nothing else passes."""

from __future__ import annotations

import pytest

from pinwarden.conclusion import BY_RISK, Check, Conclusion, conclude, overall
from pinwarden.labels import Labels
from pinwarden.risk import Risk


@pytest.mark.parametrize(
    ("risk", "conclusion"),
    [("critical", "failure"), ("high", "neutral"), ("medium", "neutral"), ("low", "success"), ("info", "success")],
)
def test_a_risk_has_its_conclusion(risk: str, conclusion: str) -> None:
    assert conclude(Labels(Risk(risk))) == Check(Conclusion(conclusion), f"{risk} risk")
    # A plan tells it, for critical as well.
    assert BY_RISK[Risk(risk)] == conclusion


@pytest.mark.parametrize("risk", Risk)
def test_blocked_fails_whatever_the_risk(risk: Risk) -> None:
    assert conclude(Labels(risk, blocked=True)) == Check(Conclusion.FAILURE, f"{risk} risk, blocked by the reviewer")


def test_no_labels_block() -> None:
    assert conclude(None) == Check(Conclusion.FAILURE, "review did not complete")


@pytest.mark.parametrize(
    ("conclusions", "expected"),
    [
        (["success", "neutral", "success"], "neutral"),
        (["neutral", "failure", "success"], "failure"),
        (["success", "success"], "success"),
    ],
)
def test_the_worst_stands_for_all(conclusions: list[str], expected: str) -> None:
    checks = [Check(Conclusion(word), f"{word} {number}") for number, word in enumerate(conclusions)]
    assert overall(checks) == next(check for check in checks if check.conclusion == expected)


def test_without_a_target_there_is_nothing_to_review() -> None:
    assert overall([]) == Check(Conclusion.SUCCESS, "nothing to review")
