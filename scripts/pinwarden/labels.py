"""The labels that a reviewer gives a change, read from its label file. Whoever wrote the file is not trusted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pinwarden.risk import Risk, worst
from pinwarden.shown import quoted

MOST_BYTES = 1024
"""More than any label file can hold that follows the grammar."""

BLOCKED = "security-blocked"
_RISKS = {f"security-risk:{risk}": risk for risk in Risk}


@dataclass(frozen=True, slots=True)
class Labels:
    """One risk, and whether the reviewer says that this must not be merged whatever the risk."""

    risk: Risk
    blocked: bool = False

    def listed(self) -> tuple[str, ...]:
        """Return the labels as they are written."""
        return (f"security-risk:{self.risk}", BLOCKED) if self.blocked else (f"security-risk:{self.risk}",)


def worst_labels(given: Iterable[Labels | None]) -> frozenset[str]:
    """Return the labels that stand for several reviews: the worst risk, unless one came to none (None); blocked where one is."""
    every = list(given)
    risk = worst(labels.risk for labels in every if labels)
    blocked = any(labels and labels.blocked for labels in every)
    return frozenset(({f"security-risk:{risk}"} if risk and None not in every else set()) | ({BLOCKED} if blocked else set()))


def label_changes(present: Iterable[str], wanted: frozenset[str], *, keep_blocked: bool) -> tuple[list[str], list[str]]:
    """Return which of the labels that are present go, and which come. None but those of reviews is touched; case does not count.

    `keep_blocked` where it is not known whether a review would still block.
    """
    there = {name.lower(): name for name in present}
    kept = wanted | ({BLOCKED} if keep_blocked else frozenset())
    gone = [there[name] for name in sorted((*_RISKS, BLOCKED)) if name in there and name not in kept]
    return gone, sorted(name for name in wanted if name not in there)


class BadLabels(Exception):
    """A label file does not follow the grammar; the message is a reason that may be printed."""


def read_labels(raw: bytes) -> Labels:
    r"""Read a label file: one `security-risk:<level>`, at most one `security-blocked`, a line each, in any order.

    Lines end with \n, the last may lack it. Nothing else may stand there, no blank, no other case, no byte order mark:
    a reviewer that can't keep to this has not understood its task. Raises BadLabels.
    """
    if len(raw) > MOST_BYTES:
        raise BadLabels(f"the label file is larger than {MOST_BYTES} bytes")
    if not raw:
        raise BadLabels("the label file is empty")
    try:
        text = raw.decode("ascii")
    except UnicodeDecodeError:
        raise BadLabels("the label file holds other characters than ASCII") from None
    lines = text.removesuffix("\n").split("\n")
    for line in lines:
        if line not in _RISKS and line != BLOCKED:
            raise BadLabels(f"not a label: {quoted(line)}")
    if len(set(lines)) < len(lines):
        raise BadLabels("the label file names a label twice")
    risks = [_RISKS[line] for line in lines if line in _RISKS]
    if len(risks) != 1:
        raise BadLabels(f"the label file names {len(risks)} risks, not one")
    return Labels(risks[0], BLOCKED in lines)
