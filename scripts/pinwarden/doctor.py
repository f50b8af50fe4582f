"""What doctor finds: checks as values, and what a probe of the sandbox means."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_OUTPUT = 2 * 1024 * 1024
_PROCESSES = 256
_UPDATE = "update Docker; scripts/run audit needs no sandbox, and run-review --sandbox none does without"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must be so. `hint` says what to do where it is not, or what was seen where it is.

    `ok` is None where it could not be read: then `hint` says why, and it counts as not known, never as so.
    """

    name: str
    ok: bool | None
    hint: str


@dataclass(frozen=True, slots=True)
class _Negative:
    name: str
    holds: Callable[[Mapping[str, Any], str], bool]
    """Takes what the probe saw, and the key that the proxy was given."""


_NEGATIVES = (
    _Negative("no interface but lo", lambda seen, _: seen["interfaces"] == ["lo"] and seen["routes"] == 0),
    _Negative("no names are resolved", lambda seen, _: seen["names"] not in ("done", "")),
    _Negative("no way to a hypervisor", lambda seen, _: seen["hypervisor"] == "EPERM"),
    _Negative("no write to the root", lambda seen, _: seen["root"] == "EROFS"),
    _Negative("no write to the input", lambda seen, _: seen["input"] == "EROFS"),
    _Negative("the output's quota holds", lambda seen, _: 0 < seen["output"] <= _OUTPUT),
    _Negative("processes are limited", lambda seen, _: seen["processes"] < _PROCESSES),
    _Negative("no capability, no new privileges, a system call filter", lambda seen, _: (seen["capabilities"], seen["privileges"], seen["filter"], seen["keyctl"], seen["unshare"]) == (0, "1", "2", "EPERM", "EPERM")),
    _Negative("a user of its own", lambda seen, _: seen["user"] == 10001),
    _Negative("no key", lambda seen, key: key not in json.dumps(seen) and seen["secrets"] == []),
    _Negative("the proxy answers, and not without the token", lambda seen, _: seen["proxy"] == "401"),
)  # fmt: skip


def sandbox_checks(printed: bytes, key: str) -> Iterator[Check]:
    """Yield what the probe's output means: one check for each power that an agent must not have. No output proves nothing, so nothing holds."""
    try:
        seen = json.loads(printed.strip().rpartition(b"\n")[2])
    except ValueError:
        seen = None
    for negative in _NEGATIVES:
        try:
            holds = bool(negative.holds(seen, key))
        except (KeyError, TypeError, AttributeError):
            yield Check(negative.name, ok=False, hint="the probe did not say; is the proxy's image the one of this version?")
            continue
        yield Check(negative.name, holds, "" if holds else _UPDATE)


def as_table(checks: list[Check]) -> str:
    """Return the checks for people."""
    signs = {True: "✔", False: "✘", None: "?"}
    return "".join(f"{signs[check.ok]} {check.name}{': ' + check.hint if check.hint else ''}\n" for check in checks)
