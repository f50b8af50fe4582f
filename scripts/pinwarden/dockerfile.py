"""A Dockerfile's instructions, as its builder splits them. Source: Docker's reference of the Dockerfile."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

MOST_BYTES = 256 * 1024
_DIRECTIVE = re.compile(r"#\s*([A-Za-z]+)\s*=\s*(\S+)\s*\Z")
_HEREDOC = re.compile(r"<<-?\s*([\"']?)([A-Za-z0-9_]+)\1")


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction: the line it starts on, its word in upper case, and the rest as one line; text given with << follows in lines of its own."""

    line: int
    word: str
    rest: str


def directives(text: str) -> dict[str, str]:
    """Return the directives above the first instruction, such as `syntax` and `escape`, names in lower case."""
    found: dict[str, str] = {}
    for line in text.split("\n"):
        match = _DIRECTIVE.match(line.strip())
        if not match:
            break
        found.setdefault(match[1].lower(), match[2])
    return found


def instructions(text: str) -> Iterator[Instruction]:
    """Yield the instructions. A comment inside one that goes on over several lines is no part of it."""
    escape = "`" if directives(text).get("escape") == "`" else "\\"
    lines = iter(enumerate(text.replace("\r\n", "\n").split("\n"), 1))
    for number, line in lines:
        whole = line.strip()
        if not whole or whole.startswith("#"):
            continue
        while whole.endswith(escape):
            whole = whole[:-1]
            following = next((more for _, more in lines if more.strip() and not more.lstrip().startswith("#")), None)
            if following is None:
                break
            whole += " " + following.strip()
        word, _, rest = whole.partition(" ")
        if word.upper() == "ONBUILD":
            word, _, rest = rest.strip().partition(" ")
        # What follows runs like the line itself.
        for match in _HEREDOC.finditer(rest) if word.upper() in ("RUN", "COPY", "ADD") else ():
            body = []
            for _, more in lines:
                if more.strip() == match[2]:
                    break
                body.append(more)
            rest = "\n".join([rest, *body]) if word.upper() == "RUN" else rest
        yield Instruction(number, word.upper(), rest.strip())
