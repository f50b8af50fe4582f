"""The labels that a reviewer gives a change, read from its label file. Whoever wrote the file is not trusted."""

from __future__ import annotations

from dataclasses import dataclass

from pinwarden.risk import Risk
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
