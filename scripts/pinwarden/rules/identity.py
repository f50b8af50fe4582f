"""Rules about what an entry is: its name, its type, its image."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pinwarden.entry import Entry
from pinwarden.rules.rule import Policy, Problem
from pinwarden.shown import quoted

# Also what git-check-ref-format(1) wants of a part of a ref.
_NAME = re.compile(r"(?!.*(?:\.\.|\.lock\Z|\.\Z))[A-Za-z0-9][A-Za-z0-9._-]*\Z")

_CLAIMS = frozenset(
    "trust trusted trustlevel trustworthy verified verification isverified verifiedby official isofficial publisher publisherid publisherlevel"  # noqa: SIM905
    " publishertrust known knownpublisher certified endorsed community".split()
)
"""Keys by which a catalog could take an entry's word, without separators and case."""


def _plain(key: str) -> str:
    return re.sub(r"[-_. ]", "", key).casefold()


def name_not_folder(entry: Entry, _: Policy) -> Iterator[Problem]:
    if entry.name is not None and entry.name != entry.server:
        yield Problem(("name",), f"the name is {quoted(entry.name)}, the folder is {quoted(entry.server)}", "make them the same; the folder is the name")


def name_characters(entry: Entry, _: Policy) -> Iterator[Problem]:
    if not _NAME.match(entry.server):
        yield Problem(("name",), f"the folder {quoted(entry.server)} can't be a branch or check name", "use letters, digits, '-', '_' and '.'")


def trust_claimed(entry: Entry, _: Policy) -> Iterator[Problem]:
    for place in ((), ("about",), ("meta",), ("source",), ("remote",)):
        node = entry.document.node(place)
        for key in node.children if node and isinstance(node.value, dict) else ():
            if _plain(str(key)) in _CLAIMS:
                yield Problem(
                    (*place, key),
                    f"the entry says of itself how far it is to be trusted: {quoted(str(key))}",
                    "remove it; the registry's maintainers say whom they know, in publishers.yml",
                )


def type_unknown(entry: Entry, _: Policy) -> Iterator[Problem]:
    if entry.has("type") and entry.type not in ("server", "remote", "poci"):
        yield Problem(("type",), f"the type {quoted(entry.type or '')} is unknown, so no rule would apply to it", "write server, remote or poci")


def server_has_remote(entry: Entry, _: Policy) -> Iterator[Problem]:
    if entry.type == "server" and entry.has("remote"):
        yield Problem(("remote",), "a server that is built has a remote as well, so its pin is never used", "remove remote, or make the type remote")


def remote_has_source(entry: Entry, _: Policy) -> Iterator[Problem]:
    if entry.type == "remote" and entry.has("source"):
        yield Problem(
            ("source",),
            "nothing is built for a remote entry, so its source says nothing about what runs",
            "remove source, or move the link to about.description",
        )


def image_namespace(entry: Entry, _: Policy) -> Iterator[Problem]:
    if entry.type == "server" and entry.image and entry.document.is_string(("image",)) and not entry.image.startswith("mcp/"):
        yield Problem(
            ("image",),
            f"the image {quoted(entry.image)} is outside mcp/: it is pulled, never built from the pin",
            "build it under mcp/, or accept that the pin does not cover it",
        )
