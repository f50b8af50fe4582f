"""Names that are looked up with something in them that a run makes: what is asked of a name server reaches whoever owns the domain."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pinwarden.risk import Risk
from pinwarden.surface.fact import Fact, Kind
from pinwarden.surface.program import Called, Program
from pinwarden.surface.value import UNKNOWN
from pinwarden.surface.values import Values

_RESOLVERS = frozenset(
    "gethostbyname gethostbyname_ex getaddrinfo resolve4 resolve6 resolveTxt resolveAny resolveCname resolveMx resolveNs resolveSrv resolvePtr resolve_name".split()  # noqa: SIM905
)
_OTHERWISE = frozenset({"resolve", "lookup", "query", "lookupService", "zone_for_name"})
"""Words for other things too."""
_RESOLVER = re.compile(r"dns|resolver", re.IGNORECASE)
_MADE = re.compile(rf"[^\s/@]*{re.escape(UNKNOWN)}[^\s/@]*\.((?:[a-z0-9_-]+\.)+[a-z]{{2,24}})\.?", re.IGNORECASE)


def lookups(program: Program, values: Values) -> Iterator[Fact]:
    """Yield the domains of which a program looks up names that only a run makes."""
    for expr in program.everything():
        if not isinstance(expr, Called) or not (expr.last in _RESOLVERS or (expr.last in _OTHERWISE and _RESOLVER.search(expr.function))):
            continue
        for argument in expr.arguments[:1]:
            for value in values.roughly(argument):
                if match := _MADE.fullmatch(value.text):
                    domain = match[1].lower()
                    yield Fact(
                        Kind.HOST, f"names below {domain}", expr.line, Risk.HIGH, f"looks up names made at run time below {domain}, whose owner reads them"
                    )
