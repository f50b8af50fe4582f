"""A label file is read exactly or not at all."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pinwarden.labels import BadLabels, Labels, read_labels
from pinwarden.risk import Risk, worst


@pytest.mark.parametrize("risk", Risk)
def test_one_risk_is_enough(risk: Risk) -> None:
    assert read_labels(f"security-risk:{risk}\n".encode()) == Labels(risk)
    assert Labels(risk).listed() == (f"security-risk:{risk}",)
    assert Labels(risk, blocked=True).listed() == (f"security-risk:{risk}", "security-blocked")


@pytest.mark.parametrize("raw", [b"security-risk:low\nsecurity-blocked\n", b"security-blocked\nsecurity-risk:low\n", b"security-blocked\nsecurity-risk:low"])
def test_blocked_may_stand_before_or_after(raw: bytes) -> None:
    assert read_labels(raw) == Labels(Risk.LOW, blocked=True)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "the label file is empty"),
        (b"\n", 'not a label: ""'),
        (b"security-blocked\n", "the label file names 0 risks, not one"),
        (b"security-risk:info\nsecurity-risk:high\n", "the label file names 2 risks, not one"),
        (b"security-risk:info\nsecurity-risk:info\n", "the label file names a label twice"),
        (b"security-risk:info\nsecurity-blocked\nsecurity-blocked\n", "the label file names a label twice"),
        (b"security-risk:none\n", 'not a label: "security-risk:none"'),
        (b"security-risk:\n", 'not a label: "security-risk:"'),
        (b"security-risk: low\n", 'not a label: "security-risk: low"'),
        (b"Security-Risk:low\n", 'not a label: "Security-Risk:low"'),
        (b"security-risk:LOW\n", 'not a label: "security-risk:LOW"'),
        (b"security-risk:low \n", 'not a label: "security-risk:low "'),
        (b" security-risk:low\n", 'not a label: " security-risk:low"'),
        (b"security-risk:low\r\n", 'not a label: "security-risk:low\\r"'),
        (b"security-risk:low\n\n", 'not a label: ""'),
        (b"security-risk:low\nlooks fine\n", 'not a label: "looks fine"'),
        (b"security-risk:low,security-blocked\n", 'not a label: "security-risk:low,security-blocked"'),
        (b"security-risk:low\x00\n", 'not a label: "security-risk:low\\u0000"'),
        (b"\x1b[2Ksecurity-risk:low\n", 'not a label: "\\u001b[2Ksecurity-risk:low"'),
        (b"::error::x\n##[add-mask]a\n", 'not a label: "::error::x"'),
        (b"\xef\xbb\xbfsecurity-risk:low\n", "the label file holds other characters than ASCII"),
        ("security-risk:lоw\n".encode(), "the label file holds other characters than ASCII"),
        (b"security-risk:low\xff\n", "the label file holds other characters than ASCII"),
        (b"\n" * 1024, 'not a label: ""'),
        (b"\n" * 1025, "the label file is larger than 1024 bytes"),
        (b"security-risk:info\n" * 10_000, "the label file is larger than 1024 bytes"),
    ],
)
def test_everything_else_is_refused_with_a_reason(raw: bytes, reason: str) -> None:
    with pytest.raises(BadLabels) as refused:
        read_labels(raw)
    assert str(refused.value) == reason


@given(st.binary() | st.lists(st.sampled_from(["security-risk:low", "security-risk:high", "security-blocked", "", "\r"])).map("\n".join).map(str.encode))
@example(b"security-blocked\nsecurity-risk:critical")
def test_what_is_read_is_what_was_written(raw: bytes) -> None:
    try:
        labels = read_labels(raw)
    except BadLabels:
        return
    assert sorted(raw.decode().removesuffix("\n").split("\n")) == sorted(labels.listed())


def test_risks_are_ordered() -> None:
    assert [risk.weight for risk in Risk] == [4, 3, 2, 1, 0]
    assert worst([Risk.LOW, Risk.HIGH, Risk.INFO]) is Risk.HIGH
    assert worst([]) is None
