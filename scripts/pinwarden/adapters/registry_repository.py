"""The registry's own repository on GitHub: how its bump branches and pull requests stand, and the few writes that move them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pinwarden.adapters.github_calls import Calls, Unclear
from pinwarden.evidence import read_block
from pinwarden.proposal import OBSOLETE, Pull, Standing

TRAILER = "Pinwarden-Bump"
ZERO = "0" * 40
_PAGES = 20
_BATCH = 50

_COMMIT = "oid ... on Commit { message committedDate author { email } signature { isValid wasSignedByGitHub } parents(first: 2) { nodes { oid } } }"
_STATE = f"""
query($owner: String!, $name: String!, $prefix: String!, $refs: String, $pulls: String) {{
  viewer {{ login }}
  repository(owner: $owner, name: $name) {{
    id databaseId
    defaultBranchRef {{ name target {{ oid ... on Commit {{ tree {{ oid }} }} }} }}
    refs(refPrefix: $prefix, first: 100, after: $refs) {{ pageInfo {{ hasNextPage endCursor }} nodes {{ name target {{ {_COMMIT} }} }} }}
    pullRequests(states: [OPEN], first: 100, after: $pulls) {{
      pageInfo {{ hasNextPage endCursor }}
      nodes {{ id number body headRefName baseRefName isCrossRepository author {{ login }} reviews(first: 20) {{ nodes {{ author {{ __typename login }} }} }}
        comments(last: 20) {{ nodes {{ body viewerDidAuthor }} }} }}
    }}
  }}
}}
"""
_PAST = """
%s: pullRequests(headRefName: $%s, states: [CLOSED, MERGED], first: 5, orderBy: {field: CREATED_AT, direction: DESC}) {
  nodes { number state body isCrossRepository timelineItems(itemTypes: [CLOSED_EVENT], last: 1) { nodes { ... on ClosedEvent { actor { login __typename } } } } }
}
"""
_MOVE = """
mutation($repository: ID!, $updates: [RefUpdate!]!) { updateRefs(input: {repositoryId: $repository, refUpdates: $updates}) { clientMutationId } }
"""
_OPEN = """
mutation($repository: ID!, $base: String!, $head: String!, $title: String!, $body: String!) {
  createPullRequest(input: {repositoryId: $repository, baseRefName: $base, headRefName: $head, title: $title, body: $body}) { pullRequest { number url } }
}
"""
_EDIT = "mutation($pull: ID!, $title: String!, $body: String!) { updatePullRequest(input: {pullRequestId: $pull, title: $title, body: $body}) { pullRequest { number } } }"
_COMMENT = "mutation($pull: ID!, $body: String!) { addComment(input: {subjectId: $pull, body: $body}) { clientMutationId } }"
_CLOSE = "mutation($pull: ID!) { closePullRequest(input: {pullRequestId: $pull}) { pullRequest { number } } }"


@dataclass(frozen=True, slots=True)
class Base:
    """The default branch as it was read. `viewer` is who the token stands for."""

    repository: str
    """The repository's node id."""
    branch: str
    commit: str
    tree: str
    viewer: str


class RegistryRepository:
    """One repository, `owner/name`; branches of ours are `prefix/server`."""

    def __init__(self, calls: Calls, full_name: str, prefix: str) -> None:
        self.calls = calls
        self._owner, _, self._name = full_name.partition("/")
        self._prefix = prefix

    def branch(self, server: str) -> str:
        return f"{self._prefix}/{server}"

    def standings(self) -> tuple[Base, dict[str, Standing]]:
        """Return the default branch, and how every branch of ours stands. Raises Unclear, Refused, Limited."""
        refs: dict[str, Any] = {}
        pulls: dict[str, Any] = {}
        cursors: dict[str, str | None] = {"refs": None, "pulls": None}
        for _ in range(_PAGES):
            data = self.calls.query(_STATE, {"owner": self._owner, "name": self._name, "prefix": f"refs/heads/{self._prefix}/", **cursors})
            repository, viewer = data["repository"], data["viewer"]["login"]
            tip = repository["defaultBranchRef"]
            base = Base(repository["id"], tip["name"], tip["target"]["oid"], tip["target"]["tree"]["oid"], viewer)
            refs |= {node["name"]: node["target"] for node in repository["refs"]["nodes"]}
            mine = (node for node in repository["pullRequests"]["nodes"] if not node["isCrossRepository"] and node["baseRefName"] == base.branch)
            pulls |= {node["headRefName"].removeprefix(f"{self._prefix}/"): node for node in mine if node["headRefName"].startswith(f"{self._prefix}/")}
            pages = {"refs": repository["refs"]["pageInfo"], "pulls": repository["pullRequests"]["pageInfo"]}
            if not any(page["hasNextPage"] for page in pages.values()):
                return base, {server: self._standing(server, refs.get(server), pulls.get(server), viewer) for server in refs.keys() | pulls.keys()}
            cursors = {name: page["endCursor"] or cursors[name] for name, page in pages.items()}
        raise Unclear("the registry has more branches and pull requests than can be read")

    def past(self, servers: Iterable[str], standings: Mapping[str, Standing], viewer: str) -> dict[str, Standing]:
        """Return the standings of `servers` with what became of their earlier pull requests."""
        found = dict(standings)
        for chunk in _chunks(servers):
            names = [f"p{number}" for number in range(len(chunk))]
            header = ", ".join(["$owner: String!", "$name: String!", *(f"${name}: String!" for name in names)])
            text = f"query({header}) {{ repository(owner: $owner, name: $name) {{ {' '.join(_PAST % (name, name) for name in names)} }} }}"
            branches = {name: self.branch(server) for name, server in zip(names, chunk, strict=True)}
            data = self.calls.query(text, {"owner": self._owner, "name": self._name, **branches})["repository"]
            for name, server in zip(names, chunk, strict=True):
                found[server] = _with_past(found.get(server, Standing()), data[name]["nodes"], viewer)
        return found

    def texts(self, paths: Iterable[str], commit: str) -> dict[str, str | None]:
        """Return the files at `paths` as they are at `commit`, None for what is no text file there."""
        found: dict[str, str | None] = {}
        for chunk in _chunks(paths):
            names = [f"f{number}" for number in range(len(chunk))]
            header = ", ".join(["$owner: String!", "$name: String!", *(f"${name}: String!" for name in names)])
            fields = " ".join(f"{name}: object(expression: ${name}) {{ ... on Blob {{ text isTruncated isBinary }} }}" for name in names)
            places = {name: f"{commit}:{path}" for name, path in zip(names, chunk, strict=True)}
            text = f"query({header}) {{ repository(owner: $owner, name: $name) {{ {fields} }} }}"
            data = self.calls.query(text, {"owner": self._owner, "name": self._name, **places})["repository"]
            for name, path in zip(names, chunk, strict=True):
                blob = data[name] or {}
                found[path] = blob.get("text") if blob and not blob.get("isTruncated") and not blob.get("isBinary") else None
        return found

    def commit(self, base: Base, path: str, text: str, message: str) -> str:
        """Make a commit on `base` in which the file at `path` is `text`, and return its id; no branch moves. GitHub signs it for an App."""
        where = f"/repos/{self._owner}/{self._name}/git"
        entry = {"path": path, "mode": "100644", "type": "blob", "content": text}
        tree = self.calls.post(f"{where}/trees", {"base_tree": base.tree, "tree": [entry]})["sha"]
        return str(self.calls.post(f"{where}/commits", {"message": message, "tree": tree, "parents": [base.commit]})["sha"])

    def move(self, base: Base, server: str, before: str | None, after: str | None) -> None:
        """Move a branch of ours from `before` to `after`, or not at all: None stands for no branch."""
        update = {"name": f"refs/heads/{self.branch(server)}", "beforeOid": before or ZERO, "afterOid": after or ZERO, "force": True}
        self.calls.mutate(_MOVE, {"repository": base.repository, "updates": [update]})

    def open(self, base: Base, server: str, title: str, body: str) -> dict[str, Any]:
        """Open a pull request, and return its number and url."""
        given = {"repository": base.repository, "base": base.branch, "head": self.branch(server), "title": title, "body": body}
        pull: dict[str, Any] = self.calls.mutate(_OPEN, given, notifies=True)["createPullRequest"]["pullRequest"]
        return pull

    def edit(self, pull: Pull, title: str, body: str) -> None:
        self.calls.mutate(_EDIT, {"pull": pull.node_id, "title": title, "body": body})

    def close(self, pull: Pull, comment: str | None) -> None:
        """Close a pull request; `comment` is said first, None where it was said already."""
        if comment:
            self.calls.mutate(_COMMENT, {"pull": pull.node_id, "body": comment}, notifies=True)
        self.calls.mutate(_CLOSE, {"pull": pull.node_id}, notifies=True)

    def _standing(self, server: str, target: dict[str, Any] | None, node: dict[str, Any] | None, viewer: str) -> Standing:
        evidence = read_block(node["body"]) if node and _same(node["author"], viewer) else None
        people = [review for review in node["reviews"]["nodes"] if (review["author"] or {}).get("__typename") != "Bot"] if node else []
        pull = (
            Pull(node["number"], node["id"], node["body"], evidence if evidence and evidence.server == server else None, bool(people), _told(node))
            if node
            else None
        )
        if not target:
            return Standing(pull=pull)
        moved_at = int(datetime.fromisoformat(target["committedDate"]).timestamp()) if target.get("committedDate") else 0
        return Standing(target["oid"], _made_by(target, server, viewer), moved_at, pull)


def _chunks(names: Iterable[str]) -> Iterator[list[str]]:
    ordered = sorted(names)
    return (ordered[start : start + _BATCH] for start in range(0, len(ordered), _BATCH))


def _made_by(target: Mapping[str, Any], server: str, viewer: str) -> bool:
    """Tell whether a commit is one that this tool made through the API and GitHub signed: nobody else's has both signature and author."""
    signature, author = target.get("signature") or {}, target.get("author") or {}
    named = str(author.get("email") or "").partition("@")[0].rpartition("+")[2]
    return (
        bool(signature.get("isValid") and signature.get("wasSignedByGitHub"))
        and named.removesuffix("[bot]") == viewer.removesuffix("[bot]")
        and len(target["parents"]["nodes"]) == 1
        and f"\n{TRAILER}: {server} " in target["message"]
    )


def _told(node: Mapping[str, Any]) -> bool:
    return any(comment["viewerDidAuthor"] and OBSOLETE in comment["body"] for comment in node["comments"]["nodes"])


def _same(actor: Mapping[str, Any] | None, viewer: str) -> bool:
    return bool(actor) and str((actor or {}).get("login")).removesuffix("[bot]") == viewer.removesuffix("[bot]")


def _with_past(standing: Standing, nodes: list[dict[str, Any]], viewer: str) -> Standing:
    rejected = dict(_rejections(nodes, viewer))
    own = [node["number"] for node in nodes if not node["isCrossRepository"]]
    return Standing(standing.head, standing.made_by_tool, standing.moved_at, standing.pull, max(own, default=0), rejected)


def _rejections(nodes: Iterable[dict[str, Any]], viewer: str) -> Iterator[tuple[str, int]]:
    for node in nodes:
        events = node["timelineItems"]["nodes"]
        by_tool = bool(events) and _same((events[-1] or {}).get("actor"), viewer)
        evidence = read_block(node["body"])
        if node["state"] == "CLOSED" and not node["isCrossRepository"] and not by_tool and evidence:
            yield evidence.new, node["number"]
