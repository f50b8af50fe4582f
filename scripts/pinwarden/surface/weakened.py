"""Checks that a program turns off: certificates, signatures, the keys of hosts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pinwarden.risk import Risk
from pinwarden.surface.fact import Fact, Kind
from pinwarden.surface.program import Called, Expr, Fields, Name, Program, Several, Text
from pinwarden.surface.values import Values
from pinwarden.surface.vocabulary import field_name

_OFF = frozenset({"False", "false", "0", "none", "None", "no"})
_CERTIFICATES = frozenset(
    "verify verifyssl sslverify verifycert verifycerts verifytls tlsverify rejectunauthorized strictssl checkhostname nodetlsrejectunauthorized verifyhostname".split()  # noqa: SIM905
)
_TURNED_ON = frozenset({"insecureskipverify", "allowinsecure", "tlsallowinvalidcertificates", "tlsinsecure", "trustservercertificate", "ignorehttpserrors"})
_SIGNATURES = frozenset({"verifysignature"})
_AMBIGUOUS = frozenset({"verify"})
"""Words that mean certificates as a keyword or an attribute; a variable of that name may be anything."""
_UNVERIFIED = ("_create_unverified_context", "CERT_NONE", "_create_stdlib_context")
_KEEPS_NO_KEYS = frozenset({"AutoAddPolicy", "WarningPolicy"})
_LINE = re.compile(
    r"StrictHostKeyChecking[= ]+no\b|GIT_SSL_NO_VERIFY\b|NODE_TLS_REJECT_UNAUTHORIZED[= ]+[\"']?0|PYTHONHTTPSVERIFY[= ]+[\"']?0|http\.sslVerify[= ]+[\"']?false"
    r"|--no-check-certificate\b|--trusted-host\b|strict-ssl[= ]+false|\bcurl\b[^\n|;&]{0,200}\s(?:--insecure\b|-[a-zA-Z]{0,6}k\b)",
)


def weakened(program: Program, _: Values) -> Iterator[Fact]:
    """Yield the checks that `program` turns off."""
    for name, value in program.bound:
        field = field_name(name.rpartition(".")[2])
        if "." in name or field not in _AMBIGUOUS:
            yield from _set(field, value)
    for expr in program.everything():
        match expr:
            case Called():
                for key, value in expr.named:
                    yield from _set(field_name(key), value)
                yield from _called(expr)
            case Fields():
                for key, value in expr.pairs:
                    yield from _set(field_name(key), value)
            case Name() if expr.last in _UNVERIFIED:
                yield _fact("certificates", expr.line, "takes any certificate")
            case Text():
                yield from turned_off(expr.value, expr.line)
            case _:
                pass


def _called(expr: Called) -> Iterator[Fact]:
    if expr.last in _KEEPS_NO_KEYS:
        yield _fact("host keys", expr.line, "takes the key of any host")
    if expr.last in _UNVERIFIED or (expr.last == "TCPConnector" and any(key == "ssl" and _is_off(value) for key, value in expr.named)):
        yield _fact("certificates", expr.line, "takes any certificate")


def turned_off(text: str, line: int) -> Iterator[Fact]:
    """Yield what a line of a shell, or a setting in a text, turns off."""
    if match := _LINE.search(text):
        yield _fact(f"by {match[0][:60]}", line, f"turns a check off: {match[0][:60]}")


def _set(field: str, value: Expr) -> Iterator[Fact]:
    if (field in _CERTIFICATES and _is_off(value)) or (field in _TURNED_ON and isinstance(value, Text) and value.value in ("True", "true", "1")):
        yield _fact("certificates", value.line, "takes any certificate")
    elif field in _SIGNATURES and _is_off(value):
        yield _fact("signatures", value.line, "takes a token whatever its signature")
    elif field in ("algorithm", "algorithms") and any(isinstance(one, Text) and one.value.lower() == "none" for one in _each(value)):
        yield _fact("signatures", value.line, "takes a token without a signature")


def _is_off(value: Expr) -> bool:
    """Tell whether a setting is off, in one branch of a choice at least."""
    return any(isinstance(one, Text) and one.value in _OFF for one in _each(value))


def _each(value: Expr) -> tuple[Expr, ...]:
    return value.items if isinstance(value, Several) else (value,)


def _fact(what: str, line: int, says: str) -> Fact:
    return Fact(Kind.WEAKENED, what, line, Risk.MEDIUM, says)
