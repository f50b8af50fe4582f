"""Names that are looked up with something in them that a run makes: what is asked of a name server reaches whoever owns the domain."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pinwarden.risk import Risk
from pinwarden.surface.fact import Fact, Kind
from pinwarden.surface.program import Called, Expr, Joined, Name, Program
from pinwarden.surface.value import UNKNOWN
from pinwarden.surface.values import Values

_RESOLVERS = frozenset(
    "gethostbyname gethostbyname_ex getaddrinfo resolve4 resolve6 resolveTxt resolveAny resolveCname resolveMx resolveNs resolveSrv resolvePtr resolve_name".split()  # noqa: SIM905
)
_OTHERWISE = frozenset({"resolve", "lookup", "query", "lookupService", "zone_for_name"})
"""Words for other things too."""
_RESOLVER = re.compile(r"dns|resolver", re.IGNORECASE)
_MADE = re.compile(rf"[^\s/@]*{re.escape(UNKNOWN)}[^\s/@]*\.((?:[a-z0-9_-]+\.)+[a-z]{{2,24}})\.?", re.IGNORECASE)
_LONGEST = 253
"""Characters of a name that can be asked for."""


def lookups(program: Program, values: Values) -> Iterator[Fact]:
    """Yield the domains below which a program that looks up names puts some together; who hands them to the resolver is not followed."""
    if not any(_resolves(expr) for expr in program.everything()):
        return
    for expr in program.everything():
        if isinstance(expr, Joined | Called) and (isinstance(expr, Joined) or expr.last in ("join", "format", "%")):
            for value in values.roughly(expr):
                if len(value.text) <= _LONGEST and (match := _MADE.fullmatch(value.text)):
                    domain = match[1].lower()
                    yield Fact(
                        Kind.HOST, f"names below {domain}", expr.line, Risk.HIGH, f"looks up names made at run time below {domain}, whose owner reads them"
                    )


def _resolves(expr: Expr) -> bool:
    """Tell whether an expression is a resolver's function, called or handed on."""
    name = expr.function if isinstance(expr, Called) else expr.path if isinstance(expr, Name) else ""
    last = name.rpartition(".")[2]
    return last in _RESOLVERS or (last in _OTHERWISE and bool(_RESOLVER.search(name)))
