"""The column about reviews: which commit the last ones were of, what they came to, and how far back they reach without a gap."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pinwarden.conclusion import BY_RISK, NOT_COMPLETE, Conclusion, conclude
from pinwarden.entry import Entry
from pinwarden.labels import Labels
from pinwarden.page.cells import ReviewCell, ReviewedCommit, ReviewOf, State, Unbroken, worst
from pinwarden.page.dates import moment_in
from pinwarden.review import PATTERNS_ONLY
from pinwarden.reviewer import Agent
from pinwarden.risk import Risk
from pinwarden.tree import normal

_COMMIT = re.compile(r"[0-9a-f]{40}\Z")
_PATH = re.compile(r"audits/(?P<server>[^/]{1,200})/(?P<head>[0-9a-f]{40})/(?P<mode>[a-z]+)-(?P<agent>[a-z]+)-[0-9a-f]{12}-[0-9]{1,20}\.[0-9]{1,9}\.json\Z")


@dataclass(frozen=True, slots=True)
class Record:
    """What the page needs of the record of one review. `labels` is None where the review did not complete."""

    path: str
    server: str
    project: str
    mode: str
    agent: Agent
    head: str
    base: str | None
    directory: str | None
    finished: str
    labels: Labels | None
    findings: str


def record_at(path: str, document: Any) -> Record:
    """Read the record at `path`. Raises KeyError, TypeError or ValueError where it is none, or belongs elsewhere."""
    named = _PATH.match(path)
    server, head, base, mode, finished = (document[key] for key in ("server", "head", "base", "mode", "finished"))
    agent = Agent(document["agent"])
    if not named or (named["server"], named["head"], named["mode"], named["agent"]) != (server, head, mode, str(agent)):
        raise ValueError("it is not at the place of what it holds")
    if not (base is None or _COMMIT.match(base)) or (mode == "full") is not (base is None):
        raise ValueError("not a record")
    whole = document["outcome"] == "complete" and document["risk"] is not None and not document.get("reasons")
    labels = Labels(Risk(document["risk"]), document["blocked"] is not False) if whole else None
    directory = document.get("directory")
    return Record(path, server, str(document["project"]), mode, agent, head, base, directory, moment_in(finished), labels, _counted(document["findings"]))


def _counted(findings: Any) -> str:
    """Count findings by severity; a record holds them, or their numbers alone."""
    counts = findings if isinstance(findings, dict) else {risk: sum(one["severity"] == risk for one in findings) for risk in Risk}
    return ", ".join(f"{int(counts[risk])} {risk}" for risk in Risk if counts.get(risk)) or "no findings"


@dataclass(frozen=True, slots=True)
class Records:
    """Every record that could be read, by server. `unread` is how many could not; `url` is where their files are shown, ending in a slash."""

    by_server: Mapping[str, Sequence[Record]]
    unread: int = 0
    url: str | None = None
    by_risk: Mapping[Risk, Conclusion] | None = None
    """What each risk means for a check in this registry."""

    @classmethod
    def of(cls, records: Iterable[Record], unread: int = 0, url: str | None = None, by_risk: Mapping[Risk, Conclusion] | None = None) -> Records:
        found: defaultdict[str, list[Record]] = defaultdict(list)
        for record in sorted(records, key=lambda one: (one.finished, one.path)):
            found[record.server].append(record)
        return cls(dict(found), unread, url, by_risk)

    @property
    def newest(self) -> str | None:
        """When the newest of them ended."""
        return max((listed[-1].finished for listed in self.by_server.values()), default=None)


def review_cell(entry: Entry | None, records: Records | None) -> ReviewCell:
    """Say what was reviewed of an entry. `entry` is None where nothing is built from a pin."""
    if entry is None or records is None:
        return ReviewCell(State.NOT_CHECKED)
    mine = [record for record in records.by_server.get(entry.server, ()) if _same_place(record, entry)]
    here = _newest(record for record in mine if record.head == entry.commit)
    ahead = _newest(record for record in mine if record.base == entry.commit)
    behind = [record for record in mine if entry.commit not in (record.head, record.base)]
    proposed = tuple(_told(record, records) for record in ahead)
    if here:
        told = tuple(_told(record, records) for record in here)
        return ReviewCell(worst(one.state for one in told), ReviewOf.THIS_PIN, told, _unbroken(entry, mine), proposed)
    last = tuple(_told(record, records) for record in _newest(record for record in behind if record.head == behind[-1].head))
    return ReviewCell(State.NOT_CHECKED, ReviewOf.OLDER if last else ReviewOf.NEVER, last, None, proposed)


def _same_place(record: Record, entry: Entry) -> bool:
    """Tell whether a review read the repository and the folder that the entry is built from."""
    return record.project.lower() == (entry.project or "").lower() and (record.directory is None or normal(record.directory) == normal(entry.directory))


def _newest(records: Iterable[Record]) -> list[Record]:
    """Return the newest by each agent in each mode, of the last commit that any of them read. `records` go from old to new."""
    listed = list(records)
    return list({(record.agent, record.mode): record for record in listed if record.head == listed[-1].head}.values())


def _told(record: Record, records: Records) -> ReviewedCommit:
    check = conclude(record.labels, records.by_risk or BY_RISK) if record.labels else NOT_COMPLETE
    says = f"{check.title} ({PATTERNS_ONLY})" if record.agent is Agent.GUARDDOG else check.title
    state = State.OK if check.conclusion is Conclusion.SUCCESS else State.PROBLEM
    url = f"{records.url}{record.path}" if records.url else None
    return ReviewedCommit(state, says, str(record.agent), record.mode, record.finished, record.head, record.base, record.findings, url)


def _unbroken(entry: Entry, records: Sequence[Record]) -> Unbroken | None:
    """Follow reviews from the pin back, each to the commit it starts from, to one of everything or to the last that there is.

    What did not complete, is blocked or critical, or knows patterns alone, carries nothing.
    """
    by_head: defaultdict[str, list[Record]] = defaultdict(list)
    for record in records:
        if record.agent is not Agent.GUARDDOG and record.labels and conclude(record.labels).conclusion is not Conclusion.FAILURE:
            by_head[record.head].append(record)
    farthest, seen, waiting = None, {entry.commit}, [str(entry.commit)]
    for commit in waiting:
        for record in by_head[commit]:
            if record.base is None:
                return Unbroken(commit, record.finished[:10], whole=True)
            if record.base not in seen:
                farthest = Unbroken(record.base, record.finished[:10], whole=False)
                seen.add(record.base)
                waiting.append(record.base)
    return farthest
