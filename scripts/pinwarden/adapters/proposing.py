"""Carries out what was decided about pull requests. Whatever ends it, the next run comes to the same end: each step starts from what is there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from pinwarden.adapters.github_calls import Limited, Refused, Unclear
from pinwarden.adapters.registry_repository import TRAILER, Reading, RegistryRepository
from pinwarden.brief import Brief, body, title, with_newer
from pinwarden.edit import CannotEdit, moved_pin
from pinwarden.entry import Entry
from pinwarden.evidence import Evidence
from pinwarden.proposal import OBSOLETE, Standing
from pinwarden.surface.show import code_span
from pinwarden.validation import Checked
from pinwarden.verdict import Action, Pin

_TRIES = 3
_NO_BRIEF = Brief(reasons=("the change was not read in this run",))


def _hint(error: Refused) -> str:
    needs = "the token, in a workflow the job, needs permissions: contents: write, pull-requests: write"
    return needs if "not accessible" in error.message.lower() else error.hint


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one pin's pull request; the field names are the JSON contract. `problem` is empty where all went well."""

    server: str
    action: Action
    number: int | None = None
    url: str = ""
    head: str = ""
    """The commit that its branch was moved to."""
    problem: str = ""
    unclear: bool = False
    """Whether it is unknown if something was done."""

    def __str__(self) -> str:
        return (
            f"{self.server}: {self.action}"
            + (f" #{self.number}" if self.number else "")
            + (f" {self.url}" if self.url else "")
            + (f": {self.problem}" if self.problem else "")
        )


@dataclass(frozen=True, slots=True)
class Registry:
    """What is needed of the registry's files: the valid entries, where they are in the repository, and the check of new bytes."""

    entries: Mapping[str, Entry]
    path: Callable[[Entry], str]
    check: Callable[[Entry, bytes], Checked]


class Stale(Exception):
    """The entry is not what was scanned any more."""


@dataclass(slots=True)
class Proposing:
    """One run over a registry. `reading` is what the decision rests on."""

    repository: RegistryRepository
    registry: Registry
    briefs: Mapping[str, Brief]
    ids: Mapping[str, int]
    reading: Reading

    def run(self, planned: Sequence[Pin]) -> list[Done]:
        """Carry out `planned`: close first, which makes room, then move, then open, who waited longest first."""
        order = {Action.CLOSE: 0, Action.LEAVE: 1, Action.UPDATE: 2, Action.OPEN: 3}
        waiting = [pin for pin in planned if pin.action in order or self._leftover(pin)]
        waiting.sort(key=lambda pin: (order.get(pin.action, 0), self._standing(pin.server).last_number, pin.server))
        done: list[Done] = []
        stop = ""
        for pin in waiting:
            if stop:
                done.append(Done(pin.server, Action.DEFER, problem=stop))
                continue
            try:
                done += self._carried_out(pin)
            except Limited as error:
                stop = f"deferred: {error}"
                done.append(Done(pin.server, Action.DEFER, problem=stop))
            except Refused as error:
                problem = f"{error.message}; {_hint(error)}".removesuffix("; ")
                stop = problem if error.hint and not error.again else ""
                done.append(Done(pin.server, pin.action, problem=problem))
            except Unclear as error:
                done.append(Done(pin.server, pin.action, problem=str(error), unclear=True))
            except (Stale, CannotEdit) as error:
                done.append(Done(pin.server, pin.action, problem=str(error)))
        return done

    def _standing(self, server: str) -> Standing:
        return self.reading.standings.get(server, Standing())

    def _leftover(self, pin: Pin) -> bool:
        """Tell whether a branch of ours is left without a pull request, and without a reason."""
        standing = self._standing(pin.server)
        return pin.action in (Action.NONE, Action.REPORT) and standing.pull is None and standing.head is not None and standing.made_by_tool

    def _carried_out(self, pin: Pin) -> list[Done]:
        if pin.action in (Action.OPEN, Action.UPDATE):
            return [self._proposed(pin)]
        if pin.action is Action.LEAVE:
            return self._named_newer(pin)
        return self._retired(pin)

    def _proposed(self, pin: Pin) -> Done:
        """Bring branch and pull request to what `pin` proposes. An unclear answer is followed by a look, not by the same call."""
        problem: Exception = Unclear("no answer")
        for attempt in range(_TRIES):
            if attempt:
                self._reread(pin.server)
            standing = self._standing(pin.server)
            if not standing.ours:
                number = standing.pull.number if standing.pull else None
                return Done(pin.server, Action.LEAVE, number, problem="its branch was moved by somebody else meanwhile")
            if standing.pull and (evidence := standing.pull.evidence) and (evidence.old, evidence.new, evidence.head) == (pin.old, pin.new, standing.head):
                return Done(pin.server, pin.action, standing.pull.number, head=evidence.head)
            try:
                return self._written(pin, standing, self._after(pin))
            except Unclear as error:
                problem = error
            except Refused as error:
                if not error.again:
                    raise
                problem = error
        raise problem

    def _written(self, pin: Pin, standing: Standing, after: str) -> Done:
        old, new = str(pin.old), str(pin.new)
        message = f"Bump {pin.server} to {new[:12]}\n\n{old}\n{new}\n\n{TRAILER}: {pin.server} {old} {new}\n"
        head = self.repository.commit(self.reading.base, self.registry.path(self.registry.entries[pin.server]), after, message)
        self.repository.move(self.reading.base, pin.server, standing.head, head)
        evidence = Evidence(pin.server, str(pin.project), str(pin.ref), old, new, pin.verdict, head, self.ids.get(pin.server))
        text = body(evidence, self.briefs.get(pin.server, _NO_BRIEF))
        if standing.pull:
            self.repository.edit(standing.pull, title(evidence), text)
            return Done(pin.server, Action.UPDATE, standing.pull.number, head=head)
        opened = self.repository.open(self.reading.base, pin.server, title(evidence), text)
        return Done(pin.server, Action.OPEN, opened["number"], opened["url"], head)

    def _after(self, pin: Pin) -> str:
        """Return the entry's new text, made from what the default branch holds now. Raises Stale, CannotEdit."""
        entry = self.registry.entries[pin.server]
        text = self.reading.texts.get(pin.server)
        now = self.registry.check(entry, text.encode()) if text is not None else None
        if now is None or now.entry is None or now.errors or now.entry.commit != pin.old:
            raise Stale("the entry changed on the default branch since it was scanned; the next run sees it")
        after = moved_pin(now.entry, str(pin.new))
        again = self.registry.check(now.entry, after.encode())
        if again.errors or again.entry is None or again.entry.commit != pin.new:
            raise Stale("with the new pin the entry is not valid")
        return after

    def _named_newer(self, pin: Pin) -> list[Done]:
        """Name the newer commit in a pull request that keeps its own."""
        pull = self._standing(pin.server).pull
        evidence = pull.evidence if pull else None
        if not pull or not evidence or not pin.new or pin.new in (evidence.new, evidence.newer):
            return []
        newer = replace(evidence, newer=pin.new)
        self.repository.edit(pull, title(evidence), with_newer(pull.body, newer))
        return [Done(pin.server, Action.LEAVE, pull.number)]

    def _retired(self, pin: Pin) -> list[Done]:
        """Close what is obsolete, and remove its branch, if it is still as it was."""
        standing = self._standing(pin.server)
        if standing.pull:
            self.repository.close(standing.pull, None if standing.pull.told else f"{OBSOLETE}\nClosed by Pinwarden: {code_span(pin.reason)}")
        if standing.head:
            self.repository.move(self.reading.base, pin.server, standing.head, None)
        return [Done(pin.server, Action.CLOSE, standing.pull.number)] if standing.pull else []

    def _reread(self, server: str) -> None:
        again = self.repository.read({server: self.registry.path(self.registry.entries[server])})
        self.reading.standings[server] = again.standings.get(server, Standing())
        self.reading.texts[server] = again.texts[server]
        self.reading = replace(self.reading, base=again.base)
