"""One pull request on GitHub and the check runs of its head: read at once, and set in few documents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pinwarden.adapters.github_calls import Calls, Unclear
from pinwarden.conclusion import Check, Conclusion
from pinwarden.finding import Finding
from pinwarden.plan import INVALID, Identity, Known, Plan, PlannedCheck, Request
from pinwarden.shown import shown
from pinwarden.status import CHECK
from pinwarden.surface.show import code_span

ACTIONS = "github-actions[bot]"
"""Who a job's GITHUB_TOKEN stands for."""
MOST_ANNOTATIONS = 50
"""Source: GitHub's REST API, annotations of a check run."""
_BATCH = 20
_PAGES = 20
_LONGEST_MESSAGE = 4_000
_LONGEST_PATH = 300
_TOO_MANY = "the commit has more check runs than can be read"

_RUNS = "pageInfo { hasNextPage endCursor } nodes { id databaseId name status conclusion title externalId }"
_SUITES = f"""
  checkSuites(first: 100) {{ pageInfo {{ hasNextPage }} nodes {{ id app {{ slug }}
    latest: checkRuns(first: 100, filterBy: {{checkType: LATEST}}) {{ {_RUNS} }}
    all: checkRuns(first: 100, filterBy: {{checkType: ALL, checkName: "{CHECK}"}}) {{ {_RUNS} }} }} }}
"""
_READ = f"""
query($owner: String!, $name: String!, $number: Int!, $commit: GitObjectID!) {{
  viewer {{ login }}
  repository(owner: $owner, name: $name) {{
    id defaultBranchRef {{ name target {{ oid }} }}
    pullRequest(number: $number) {{ state isCrossRepository headRefOid baseRefName mergeQueueEntry {{ baseCommit {{ oid }} headCommit {{ oid }} }} }}
    object(oid: $commit) {{ ... on Commit {{
      associatedPullRequests(first: 50) {{ nodes {{ number state headRefOid baseRefName }} }} {_SUITES}
    }} }}
  }}
}}
"""
_CHECKS = f"""
query($owner: String!, $name: String!, $commit: GitObjectID!) {{
  repository(owner: $owner, name: $name) {{ object(oid: $commit) {{ ... on Commit {{ {_SUITES} }} }} }}
}}
"""
_MORE = f"query($suite: ID!, $after: String) {{ node(id: $suite) {{ ... on CheckSuite {{ checkRuns(first: 100, after: $after, filterBy: {{checkType: LATEST}}) {{ {_RUNS} }} }} }} }}"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a pull request stands. `known` and `shared` are as planning takes them; `repository` is a node id."""

    repository: str
    viewer: str
    branch: str
    """The default branch."""
    base_branch: str
    request: Request
    open: bool
    grouped: bool
    """Whether the checks are on a commit that a merge queue made."""
    known: Mapping[str, Known]
    shared: tuple[tuple[int, Check], ...]
    others: frozenset[int] = frozenset()
    """The other open pull requests with the same head."""

    @property
    def identity(self) -> Identity:
        return Identity.ADVISORY if self.viewer == ACTIONS else Identity.GATE


class PullRequests:
    """The pull requests of one repository, `owner/name`."""

    def __init__(self, calls: Calls, full_name: str, details_url: str = "") -> None:
        self.calls = calls
        self.full_name = full_name
        self._details_url = details_url
        owner, _, name = full_name.partition("/")
        self._where = {"owner": owner, "name": name}

    def read(self, number: int, commit: str) -> Standing | None:
        """Return how a pull request stands whose checks are on `commit`; None where there is none. Raises Unclear, Refused, Limited."""
        data = self.calls.query(_READ, {**self._where, "number": number, "commit": commit})
        repository, viewer = data["repository"], str(data["viewer"]["login"])
        pull, found, tip = repository["pullRequest"], repository["object"] or {}, repository["defaultBranchRef"]
        if pull is None or tip is None:
            return None
        queued = pull["mergeQueueEntry"] or {}
        grouped = (queued.get("headCommit") or {}).get("oid") == commit
        base = queued["baseCommit"]["oid"] if grouped else tip["target"]["oid"]
        request = Request(number, pull["headRefOid"], base, commit, bool(pull["isCrossRepository"]))
        suites = _own(found, viewer)
        known = self._latest(suites)
        if grouped:
            # A queue's commit is made of what was reviewed on the pull request's head.
            again = self.calls.query(_CHECKS, {**self._where, "commit": request.head})["repository"]["object"] or {}
            known = {name: run for name, run in self._latest(_own(again, viewer)).items() if name != CHECK} | known
        others = {
            each["number"]
            for each in (found.get("associatedPullRequests") or {}).get("nodes", ())
            if each["state"] == "OPEN" and each["headRefOid"] == commit and each["baseRefName"] == tip["name"] and each["number"] != number
        }
        return Standing(
            repository["id"],
            viewer,
            tip["name"],
            pull["baseRefName"],
            request,
            pull["state"] == "OPEN",
            grouped,
            known,
            tuple(sorted(_shared(suites, others).items(), key=lambda one: one[0])),
            frozenset(others),
        )

    def _latest(self, suites: Sequence[Mapping[str, Any]]) -> dict[str, Known]:
        """Return the newest check run of each name. A job's token has its checks in any of its app's suites."""
        nodes: list[Mapping[str, Any]] = []
        for suite in suites:
            page = suite["latest"]
            nodes += page["nodes"]
            for _ in range(_PAGES):
                if not page["pageInfo"]["hasNextPage"]:
                    break
                page = self.calls.query(_MORE, {"suite": suite["id"], "after": page["pageInfo"]["endCursor"]})["node"]["checkRuns"]
                nodes += page["nodes"]
            else:
                raise Unclear(_TOO_MANY)
        return {node["name"]: _known(node) for node in sorted(nodes, key=_number)}

    def merge_base(self, base: str, head: str) -> str:
        """Return the commit where two histories part. Raises Unclear, Refused, Limited."""
        # Behind the first page there are no files, which may be many.
        answer = self.calls.get(f"/repos/{self.full_name}/compare/{base}...{head}?per_page=1&page=2")
        return str(answer["merge_base_commit"]["sha"])

    def set(self, plan: Plan, standing: Standing) -> Plan:
        """Create the checks of `plan` that are not there, the aggregate last, and return the plan with their ids.

        Raises Unclear, Refused, Limited: then some may be there, none of them better than they should be.
        """
        assert plan.aggregate
        waiting = [check for check in plan.checks if check.id is None]
        ids: dict[str, str] = {}
        for start in range(0, len(waiting), _BATCH):
            ids |= self._create(waiting[start : start + _BATCH], plan, standing)
        if plan.aggregate.id is None:
            ids |= self._create([plan.aggregate], plan, standing)
        checks = tuple(replace(check, id=check.id or ids[check.name]) for check in plan.checks)
        return replace(plan, checks=checks, aggregate=replace(plan.aggregate, id=plan.aggregate.id or ids[CHECK]), identity=standing.identity)

    def _create(self, checks: Sequence[PlannedCheck], plan: Plan, standing: Standing) -> dict[str, str]:
        """Create check runs in one document, and return their ids by name. After an unclear answer those that are there are found."""
        names = ", ".join(f"$c{number}: CreateCheckRunInput!" for number in range(len(checks)))
        fields = " ".join(f"c{number}: createCheckRun(input: $c{number}) {{ checkRun {{ id }} }}" for number in range(len(checks)))
        inputs = {f"c{number}": self._input(check, plan, standing) for number, check in enumerate(checks)}
        try:
            data = self.calls.mutate(f"mutation({names}) {{ {fields} }}", inputs, writes=len(checks))
        except Unclear:
            return self._made(checks, standing)
        return {check.name: data[f"c{number}"]["checkRun"]["id"] for number, check in enumerate(checks)}

    def _made(self, checks: Sequence[PlannedCheck], standing: Standing) -> dict[str, str]:
        again = self.read(standing.request.number, standing.request.commit)
        known = again.known if again else {}
        made = {check.name: run.id for check in checks if (run := known.get(check.name)) and run.external_id == check.external_id and _same(run, check)}
        if len(made) < len(checks):
            raise Unclear("the API gave no whole answer while checks were set")
        return made

    def _input(self, check: PlannedCheck, plan: Plan, standing: Standing) -> dict[str, Any]:
        settled = check.check
        title = settled.title if settled else check.waiting
        output: dict[str, Any] = {"title": title, "summary": check.summary or _summary(check, plan, standing)}
        if check.name == INVALID:
            output["annotations"] = list(_annotations(plan.findings))[:MOST_ANNOTATIONS]
        state = {"status": "COMPLETED", "conclusion": settled.conclusion.upper()} if settled else {"status": "QUEUED"}
        where = {"detailsUrl": self._details_url} if self._details_url else {}
        made_for = {"repositoryId": standing.repository, "name": check.name, "headSha": standing.request.commit, "externalId": check.external_id}
        return {**made_for, **state, **where, "output": output}


def _own(commit: Mapping[str, Any], viewer: str) -> list[Mapping[str, Any]]:
    """Return the check suites of the app that asks. Raises Unclear where there are more than can be read."""
    suites = commit.get("checkSuites") or {"nodes": (), "pageInfo": {"hasNextPage": False}}
    if suites["pageInfo"]["hasNextPage"]:
        raise Unclear(_TOO_MANY)
    return [suite for suite in suites["nodes"] if suite["app"] and f"{suite['app']['slug']}[bot]" == viewer]


def _known(node: Mapping[str, Any]) -> Known:
    ended = node["conclusion"] if node["status"] == "COMPLETED" else None
    conclusion = Conclusion(ended.lower()) if ended in ("SUCCESS", "NEUTRAL", "FAILURE") else None
    return Known(node["id"], node["externalId"] or "", conclusion, node["title"] or "")


def _number(node: Mapping[str, Any]) -> int:
    return int(node["databaseId"] or 0)


def _shared(suites: Sequence[Mapping[str, Any]], others: set[int]) -> dict[int, Check]:
    """Return what the newest settled aggregate for each of the other pull requests with this head says."""
    if any(suite["all"]["pageInfo"]["hasNextPage"] for suite in suites):
        raise Unclear(_TOO_MANY)
    runs = [_known(node) for node in sorted((node for suite in suites for node in suite["all"]["nodes"]), key=_number)]
    return {run.number: Check(run.conclusion, run.title) for run in runs if run.number in others and run.conclusion}


def _same(run: Known, check: PlannedCheck) -> bool:
    return run.conclusion == (check.check.conclusion if check.check else None)


def _summary(check: PlannedCheck, plan: Plan, standing: Standing) -> str:
    if check.name == INVALID:
        rows = [f"- {code_span(f'{finding.path[-_LONGEST_PATH:]}:{finding.line}: {finding.message}')}" for finding in plan.findings[:MOST_ANNOTATIONS]]
        return "The pin rules refuse what stands on these lines.\n\n" + "\n".join(rows)
    if standing.request.external and not plan.reviewing.may_start:
        return "This pull request comes from another repository. A maintainer starts its review by hand, on the default branch."
    if standing.identity is Identity.ADVISORY:
        return "Made with the job's own token: any workflow of this repository can make a check of this name."
    return "Pinwarden reviews what the changed pins name."


def _annotations(findings: Sequence[Finding]) -> Iterator[dict[str, Any]]:
    for finding in findings:
        place = {"startLine": finding.line, "endLine": finding.line}
        yield {
            "path": shown(finding.path),
            "location": place,
            "annotationLevel": "FAILURE",
            "message": finding.message[:_LONGEST_MESSAGE],
            "title": finding.rule,
        }
