"""The surface of a change: the facts of both sides, compared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from pinwarden.risk import Risk, worst
from pinwarden.surface import javascript_source, manifests, meaning, plain, python_source
from pinwarden.surface.fact import Change, Fact, Item, Kind, NotParsed, Surface
from pinwarden.surface.lookalikes import lookalike
from pinwarden.surface.program import Program
from pinwarden.surface.values import Values
from pinwarden.target import Evidence, Side
from pinwarden.tree import Blob, BlobKind, within

_MOST_ITEMS = 400
_MOST_EVIDENCE = 3

Blobs = Mapping[str, Blob]
Found = dict[tuple[Kind, str], list[tuple[str, Fact]]]
"""Facts with the path of their file, by what makes two of them the same."""


def digest(base: Blobs, head: Blobs, directory: str = "") -> Surface:
    """Return what differs between the changed files of two sides, as far as they lie in the normal `directory`.

    A full review has no base. What can't be read to its end is a reason for the review not to be complete.
    """
    before, after = _Sided(base, directory), _Sided(head, directory)
    items = [_compared(item, before.found) for item in _items(before.found, after.found) if item.kind is not Kind.ADDRESS or item.change is not Change.REMOVED]
    items.sort(key=lambda item: (-item.risk.weight, item.kind, item.key))
    reasons = [f"{path}: {reason}" for path, reason in after.reasons.items()]
    if any(item.risk.weight > Risk.LOW.weight for item in items[_MOST_ITEMS:]):
        reasons.append(f"more than {_MOST_ITEMS} things changed that matter")
    return Surface(tuple(items[:_MOST_ITEMS]), tuple(reasons))


def _compared(item: Item, before: Found) -> Item:
    """Return an item, or what it is beside what was there before: a package whose name is nearly that of another."""
    if item.kind is not Kind.DEPENDENCY or item.change is not Change.ADDED:
        return item
    ecosystem, _, name = item.key.partition(" ")
    known = (key.removeprefix(f"{ecosystem} ") for kind, key in before if kind is Kind.DEPENDENCY and key.startswith(f"{ecosystem} "))
    other = lookalike(name, known) if ecosystem in manifests.ECOSYSTEMS else None
    return replace(item, risk=Risk.HIGH, says=f"needs {name}, whose name is nearly that of {other}") if other else item


def raised(surface: Surface) -> Risk | None:
    """Return the risk that a surface speaks of: that of the worst thing that appeared or changed."""
    return worst(item.risk for item in surface.items if item.change is not Change.REMOVED)


class _Sided:
    """The facts of one side. `reasons` says by path why some are missing."""

    def __init__(self, blobs: Blobs, directory: str) -> None:
        self.found: Found = {}
        self.reasons: dict[str, str] = {}
        mine = {path: blob for path, blob in blobs.items() if within(path, directory)}
        programs: dict[str, Program] = {}
        for path, blob in mine.items():
            with self._told(path):
                self._add(path, plain.facts(path, blob))
            with self._told(path):
                if program := _program(path, blob):
                    programs[path] = program
        values = Values.of_files(programs)
        for path, program in programs.items():
            with self._told(path):
                self._add(path, meaning.facts(program, values[path]))

    @contextmanager
    def _told(self, path: str) -> Iterator[None]:
        try:
            yield
        except NotParsed as error:
            self._add(path, [Fact(Kind.UNPARSED, path, 1, Risk.MEDIUM, f"can't be read: {error}")])
        except (RecursionError, MemoryError):
            self.reasons[path] = "nested too deeply to be read"

    def _add(self, path: str, facts: Iterable[Fact]) -> None:
        for fact in meaning.distinct(facts):
            self.found.setdefault((fact.kind, fact.key), []).append((path, fact))


def _program(path: str, blob: Blob) -> Program | None:
    """Return a file in a language that is parsed here. Raises NotParsed, and RecursionError or MemoryError for monsters."""
    if blob.kind is BlobKind.SYMLINK or not plain.is_source(path, blob):
        return None
    if len(blob.content) > plain.MOST_READ:
        raise NotParsed(f"larger than {plain.MOST_READ} bytes")
    if path.lower().endswith(plain.JAVASCRIPT):
        return javascript_source.read(path, blob.text)
    return python_source.read(blob.content)


def _items(before: Found, after: Found) -> Iterator[Item]:
    for key in before.keys() | after.keys():
        old, new = before.get(key, []), after.get(key, [])
        if not new:
            yield _item(key, Change.REMOVED, Side.BASE, old, Risk.INFO)
            continue
        risk = worst(fact.risk for _, fact in new) or Risk.INFO
        if not old:
            yield _item(key, Change.ADDED, Side.HEAD, new, risk)
        elif {fact.value for _, fact in old} != {fact.value for _, fact in new} or risk.weight > max(fact.risk.weight for _, fact in old):
            known = {fact.value for _, fact in old}
            yield _item(key, Change.CHANGED, Side.HEAD, [(path, fact) for path, fact in new if fact.value not in known] or new, risk)


def _item(key: tuple[Kind, str], change: Change, side: Side, found: list[tuple[str, Fact]], risk: Risk) -> Item:
    places = tuple(dict.fromkeys(Evidence(side, path, fact.line) for path, fact in found))
    more = f", and at {len(places) - _MOST_EVIDENCE} more places" if len(places) > _MOST_EVIDENCE else ""
    says = max(found, key=lambda one: one[1].risk.weight)[1].says
    return Item(key[0], change, key[1], risk, says + more, places[:_MOST_EVIDENCE])
