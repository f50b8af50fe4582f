"""The project's own repository on GitHub: how its tags and releases stand, and the few writes that make a release."""

from __future__ import annotations

from typing import Any

from packaging.version import Version

from pinwarden.adapters.github_calls import Calls, Refused, Unclear
from releasing.plan import IMAGES, Reading, Tagged, headline, tag_of

_PAGES = 20
_JOB = "+github-actions[bot]@users.noreply.github.com"
_STATE = """
query($owner: String!, $name: String!, $tag: String!, $full: String!, $after: String) {
  repository(owner: $owner, name: $name) {
    defaultBranchRef { name target { oid } }
    refs(refPrefix: "refs/tags/", first: 100, after: $after) { pageInfo { hasNextPage endCursor } nodes { name target { oid } } }
    ref(qualifiedName: $full) {
      target { oid ... on Commit { message author { email } parents(first: 2) { nodes { oid } } signature { isValid wasSignedByGitHub } } }
    }
    release(tagName: $tag) { isDraft }
  }
}
"""
_TEXTS = """
query($owner: String!, $name: String!, $first: String!, $second: String!) {
  repository(owner: $owner, name: $name) {
    first: object(expression: $first) { ... on Blob { text isTruncated } }
    second: object(expression: $second) { ... on Blob { text isTruncated } }
  }
}
"""


class ReleaseRepository:
    """One repository, `owner/name`. Every method raises Unclear, Refused, Limited."""

    def __init__(self, calls: Calls, full_name: str) -> None:
        self._calls = calls
        self._owner, _, self._name = full_name.partition("/")
        self._where = f"/repos/{full_name}"

    def read(self, version: Version) -> Reading:
        """Return how everything stands for a release of `version`."""
        tags: dict[str, str] = {}
        asked = self._asked(tag=tag_of(version), full=f"refs/tags/{tag_of(version)}", after=None)
        for _ in range(_PAGES):
            found = self._calls.query(_STATE, asked)["repository"]
            tags |= {node["name"]: node["target"]["oid"] for node in found["refs"]["nodes"]}
            if not found["refs"]["pageInfo"]["hasNextPage"]:
                branch = found["defaultBranchRef"]
                return Reading(branch["name"], branch["target"]["oid"], tags, _tagged(found["ref"], version), found["release"] is not None)
            asked["after"] = found["refs"]["pageInfo"]["endCursor"]
        raise Unclear("the repository has more tags than can be read")

    def texts(self, commit: str, first: str, second: str) -> tuple[str, str]:
        """Return the text of two files at a commit."""
        found = self._calls.query(_TEXTS, self._asked(first=f"{commit}:{first}", second=f"{commit}:{second}"))["repository"]
        blobs = [found[place] for place in ("first", "second")]
        if any(not blob or blob["isTruncated"] or blob["text"] is None for blob in blobs):
            raise Refused(f"{first} or {second} can't be read at {commit[:12]}")
        return blobs[0]["text"], blobs[1]["text"]

    def commit(self, parent: str, images: str, message: str) -> str:
        """Make a commit that changes the list of images alone, and return its id. No ref leads to it yet. GitHub signs it."""
        base = self._calls.get(f"{self._where}/git/commits/{parent}")["tree"]["sha"]
        file = {"path": IMAGES, "mode": "100644", "type": "blob", "content": images}
        tree = self._calls.post(f"{self._where}/git/trees", {"base_tree": base, "tree": [file]})["sha"]
        return str(self._calls.post(f"{self._where}/git/commits", {"message": message, "tree": tree, "parents": [parent]})["sha"])

    def tag(self, name: str, commit: str) -> None:
        """Make a tag. GitHub refuses one that is there, wherever it leads."""
        self._calls.post(f"{self._where}/git/refs", {"ref": f"refs/tags/{name}", "sha": commit})

    def move(self, name: str, commit: str) -> None:
        """Let a tag that is there lead to another commit."""
        self._calls.patch(f"{self._where}/git/refs/tags/{name}", {"sha": commit, "force": True})

    def publish(self, name: str, commit: str, body: str) -> None:
        """Make the release of a tag that is there."""
        self._calls.post(f"{self._where}/releases", {"tag_name": name, "target_commitish": commit, "name": name, "body": body})

    def _asked(self, **given: Any) -> dict[str, Any]:
        return {"owner": self._owner, "name": self._name, **given}


def _tagged(ref: dict[str, Any] | None, version: Version) -> Tagged | None:
    if ref is None:
        return None
    target = ref["target"]
    # GitHub signs what people make on its pages too, but in their names; nobody but a job makes what it signs in a job's name.
    signed = bool(target.get("signature")) and target["signature"]["isValid"] and target["signature"]["wasSignedByGitHub"]
    by_job = signed and str(target["author"]["email"]).endswith(_JOB)
    return Tagged(target["oid"], by_job and target["message"].split("\n")[0] == headline(version) and len(target["parents"]["nodes"]) == 1)
