"""Hosts, addresses and well-known secrets that are written so that nobody reads them: encoded, as numbers, backwards."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pinwarden.risk import Risk
from pinwarden.surface import texts
from pinwarden.surface.fact import Fact
from pinwarden.surface.program import Called, Expr, Program, Text, parts
from pinwarden.surface.values import Values

_SPELLERS = frozenset(
    "b64decode urlsafe_b64decode b32decode b85decode atob fromhex unhexlify from fromCharCode fromCodePoint bytes bytearray reversed reverse".split()  # noqa: SIM905
)
"""Calls that make a text of something else."""
_LETTERS = frozenset({"map", "reverse", "reversed", "split"})
"""Calls that make letters, which are joined then."""


def spelt(program: Program, values: Values) -> Iterator[Fact]:
    """Yield what such calls come to and what no literal says plainly."""
    found = [
        fact
        for expr in program.everything()
        if isinstance(expr, Called) and (expr.last in _SPELLERS or (expr.last == "join" and any(_makes_letters(part) for part in parts(expr))))
        for value in values.roughly(expr)
        for fact in texts.literal_facts(value.text, expr.line)
    ]
    if not found:
        return
    plain = {fact.key for expr in program.everything() if isinstance(expr, Text) for fact in texts.literal_facts(expr.value, expr.line)}
    for fact in found:
        if fact.key not in plain:
            yield replace(fact, key=f"spelt {fact.key}", risk=Risk.HIGH, says=f"{fact.says}, written so that nobody reads it")


def _makes_letters(expr: Expr) -> bool:
    return isinstance(expr, Called) and expr.last in _LETTERS
