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

COMMIT_FIELDS = "oid ... on Commit { message committedDate author { email } signature { isValid wasSignedByGitHub } parents(first: 2) { nodes { oid } } }"
_STATE = f"""
    refs(refPrefix: $prefix, first: 100, after: $refs) {{ pageInfo {{ hasNextPage endCursor }} nodes {{ name prefix target {{ {COMMIT_FIELDS} }} }} }}
    pullRequests(states: [OPEN], first: 100, after: $pulls) {{
      pageInfo {{ hasNextPage endCursor }}
      nodes {{ id number body headRefName baseRefName isCrossRepository author {{ login }} reviews(first: 20) {{ nodes {{ author {{ __typename login }} }} }}
        comments(last: 20) {{ nodes {{ body viewerDidAuthor }} }} }}
    }}
"""
_ENTRY = """
    f%d: object(expression: $f%d) { ... on Blob { text isTruncated isBinary } }
    p%d: pullRequests(headRefName: $p%d, states: [CLOSED, MERGED], first: 5, orderBy: {field: CREATED_AT, direction: DESC}) {
      nodes { number state body isCrossRepository timelineItems(itemTypes: [CLOSED_EVENT], last: 1) { nodes { ... on ClosedEvent { actor { login } } } } }
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


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read at one time. `texts` has None for what is no text file on the default branch."""

    base: Base
    standings: dict[str, Standing]
    texts: dict[str, str | None]


class RegistryRepository:
    """One repository, `owner/name`; branches of ours are `prefix/server`."""

    def __init__(self, calls: Calls, full_name: str, prefix: str) -> None:
        self.calls = calls
        self._owner, _, self._name = full_name.partition("/")
        self._prefix = prefix

    def branch(self, server: str) -> str:
        return f"{self._prefix}/{server}"

    def read(self, paths: Mapping[str, str]) -> Reading:
        """Return how every branch of ours stands, and for the servers in `paths` their entries' text and earlier pull requests.

        One request for up to 50 servers, 100 branches and 100 open pull requests. Raises Unclear, Refused, Limited.
        """
        refs: dict[str, Any] = {}
        pulls: dict[str, Any] = {}
        past: dict[str, Any] = {}
        texts: dict[str, str | None] = {}
        waiting = sorted(paths)
        cursors: dict[str, str | None] = {"refs": None, "pulls": None}
        for _ in range(_PAGES):
            chunk, waiting = waiting[:_BATCH], waiting[_BATCH:]
            data = self._page(chunk, paths, cursors)
            repository, viewer, tip = data["repository"], data["viewer"]["login"], data["repository"]["defaultBranchRef"]
            base = Base(repository["id"], tip["name"], tip["target"]["oid"], tip["target"]["tree"]["oid"], viewer)
            start = f"refs/heads/{self._prefix}/"
            # With a longer prefix than refs/heads/, a name is told without it; both together are the whole in any case.
            refs |= {f"{node['prefix']}{node['name']}".removeprefix(start): node["target"] for node in repository["refs"]["nodes"]}
            mine = (node for node in repository["pullRequests"]["nodes"] if not node["isCrossRepository"] and node["baseRefName"] == base.branch)
            pulls |= {node["headRefName"].removeprefix(f"{self._prefix}/"): node for node in mine if node["headRefName"].startswith(f"{self._prefix}/")}
            for number, server in enumerate(chunk):
                texts[server] = _text(repository[f"f{number}"])
                past[server] = repository[f"p{number}"]["nodes"]
            pages = {"refs": repository["refs"]["pageInfo"], "pulls": repository["pullRequests"]["pageInfo"]}
            cursors = {name: page["endCursor"] or cursors[name] for name, page in pages.items()}
            if not waiting and not any(page["hasNextPage"] for page in pages.values()):
                servers = refs.keys() | pulls.keys() | past.keys()
                standings = {server: self._standing(server, refs.get(server), pulls.get(server), past.get(server, []), viewer) for server in servers}
                return Reading(base, standings, texts)
        raise Unclear("the registry has more branches and pull requests than can be read")

    def _page(self, chunk: list[str], paths: Mapping[str, str], cursors: Mapping[str, str | None]) -> dict[str, Any]:
        names = "".join(f", $f{number}: String!, $p{number}: String!" for number in range(len(chunk)))
        fields = "".join(_ENTRY % ((number,) * 4) for number in range(len(chunk)))
        text = (
            f"query($owner: String!, $name: String!, $prefix: String!, $refs: String, $pulls: String{names}) {{ viewer {{ login }} "
            "repository(owner: $owner, name: $name) { id defaultBranchRef { name target { oid ... on Commit { tree { oid } } } }"
            f"{_STATE}{fields} }} }}"
        )
        given = {f"f{number}": f"HEAD:{paths[server]}" for number, server in enumerate(chunk)}
        given |= {f"p{number}": self.branch(server) for number, server in enumerate(chunk)}
        return self.calls.query(text, {"owner": self._owner, "name": self._name, "prefix": f"refs/heads/{self._prefix}/", **cursors, **given})

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

    def _standing(self, server: str, target: dict[str, Any] | None, node: dict[str, Any] | None, past: list[dict[str, Any]], viewer: str) -> Standing:
        pull = _pull(server, node, viewer) if node else None
        last = max((each["number"] for each in past if not each["isCrossRepository"]), default=0)
        rejected = dict(_rejections(past, viewer))
        told = [pull.evidence if pull else None, *(read_block(each["body"]) for each in past if each["state"] == "MERGED" and not each["isCrossRepository"])]
        number = next((block.repository_id for block in told if block and block.repository_id), None)
        if not target:
            return Standing(pull=pull, last_number=last, repository_id=number, rejected=rejected)
        moved_at = int(datetime.fromisoformat(target["committedDate"]).timestamp()) if target.get("committedDate") else 0
        return Standing(target["oid"], made_by(target, server, viewer), moved_at, pull, last, number, rejected)


def _pull(server: str, node: Mapping[str, Any], viewer: str) -> Pull:
    evidence = read_block(node["body"]) if same_actor(node["author"], viewer) else None
    reviewed = any((review["author"] or {}).get("__typename") != "Bot" for review in node["reviews"]["nodes"])
    return Pull(node["number"], node["id"], node["body"], evidence if evidence and evidence.server == server else None, reviewed, _told(node))


def _text(blob: Mapping[str, Any] | None) -> str | None:
    whole = blob and not blob.get("isTruncated") and not blob.get("isBinary")
    return blob.get("text") if blob and whole else None


def made_by(target: Mapping[str, Any], server: str, viewer: str) -> bool:
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


def same_actor(actor: Mapping[str, Any] | None, viewer: str) -> bool:
    return bool(actor) and str((actor or {}).get("login")).removesuffix("[bot]") == viewer.removesuffix("[bot]")


def _rejections(nodes: Iterable[dict[str, Any]], viewer: str) -> Iterator[tuple[str, int]]:
    for node in nodes:
        events = node["timelineItems"]["nodes"]
        by_tool = bool(events) and same_actor((events[-1] or {}).get("actor"), viewer)
        evidence = read_block(node["body"])
        if node["state"] == "CLOSED" and not node["isCrossRepository"] and not by_tool and evidence:
            yield evidence.new, node["number"]
