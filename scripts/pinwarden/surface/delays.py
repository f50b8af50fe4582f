"""What waits for a day: the clock compared with a date that stands in the code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import permutations

from pinwarden.risk import Risk
from pinwarden.surface.fact import Fact, Kind
from pinwarden.surface.program import Called, Expr, Name, Other, Program, Text, parts
from pinwarden.surface.values import Values

_CLOCKS = frozenset({"now", "utcnow", "today", "time", "getTime", "getFullYear", "getMonth", "getDate", "gmtime", "localtime", "time_ns"})
_CLOCK_MODULES = re.compile(r"(?:^|\.)(?:datetime|date|Date|time|dayjs|moment|DateTime|performance)(?:\.|$)")
_DATE = re.compile(r"20[2-9]\d-[01]\d(?:-[0-3]\d)?(?:[T ].*)?")
_SECONDS = re.compile(r"[1-3]\d{9}(?:\d{3})?(?:\.\d+)?")
"""Seconds or milliseconds since 1970 in this century, and numbers that are nothing else as a rule."""
_YEAR = re.compile(r"20[2-9]\d")
_MOST = 60


def delays(program: Program, values: Values) -> Iterator[Fact]:
    """Yield where the clock is compared with a fixed date."""
    for expr in program.everything():
        if isinstance(expr, Other) and len(expr.parts) == 2:
            for clock, fixed in permutations(expr.parts):
                if _reads_clock(clock, values) and (date := _date(fixed, values)):
                    yield Fact(Kind.DELAY, date, expr.line, Risk.MEDIUM, f"does something from or until {date} only")
                    break


def _inside(expr: Expr, values: Values) -> Iterator[Expr]:
    """Yield an expression, what stands under its names, and all inside."""
    waiting = [expr]
    for _ in range(_MOST):
        if not waiting:
            return
        one = waiting.pop(0)
        yield one
        waiting.extend(values.bound(one)[:4] if isinstance(one, Name) else parts(one))


def _reads_clock(expr: Expr, values: Values) -> bool:
    return any(
        isinstance(one, Called)
        and (
            (one.last in _CLOCKS and _CLOCK_MODULES.search(one.function))
            or (one.function == "Date" and not one.arguments)
            or one.function in ("dayjs", "moment")
        )
        for one in _inside(expr, values)
    )


def _date(expr: Expr, values: Values) -> str | None:
    if _reads_clock(expr, values):
        return None
    for one in _inside(expr, values):
        if isinstance(one, Called) and one.last in ("datetime", "date", "Date", "UTC") and len(one.arguments) >= 2:
            numbers = [argument.value for argument in one.arguments[:3] if isinstance(argument, Text)]
            if numbers and _YEAR.fullmatch(numbers[0]):
                return "-".join(numbers)
        if isinstance(one, Text) and (_DATE.fullmatch(one.value) or _SECONDS.fullmatch(one.value.replace("_", ""))):
            return one.value[:40]
    return None
