"""Where a pasted URL points: an upstream repository, and perhaps a ref, a commit and a path in it. Nothing is asked here.

How hosts write the rest of a URL: GitHub `/tree/<ref>/<path>`, GitLab `/-/tree/<ref>/<path>`, Gitea `/src/branch/<ref>/<path>`,
Bitbucket `/src/<ref>/<path>`, and the fragment of a build context, `#<ref>:<path>`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from pinwarden.errors import Misuse
from pinwarden.shown import quoted
from pinwarden.upstream import Refs

LONGEST = 2_000
_TEXT = re.compile(r"[!-\[\]-~]+\Z")
_SCP = re.compile(r"git@([A-Za-z0-9.-]+):/?([^/].*)\Z")
_BARE = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+/")
_SCHEMES = ("https", "http", "git", "ssh")
_COMMIT = re.compile(r"[0-9a-fA-F]{40}\Z")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_PAGES = ("tree", "blob", "raw", "edit", "blame", "commits")
"""What stands before a ref and a path; whether that is a file or a folder is for upstream's tree to say."""
_PULLS = ("pull", "pulls", "pull-requests", "merge_requests", "merge-requests")
_PULL_REF = re.compile(r"refs/(?:pull|merge-requests)(?:/|\Z)|pull/[0-9]+/(?:head|merge)(?:/|\Z)")
_FORM = "write https://host/owner/repo, or the address of a folder in it"
HEADS, TAGS = "refs/heads/", "refs/tags/"


@dataclass(frozen=True, slots=True)
class Place:
    """What a URL says. `rest` is a ref's name and then a path: where one ends only upstream's refs tell. Behind a `commit` it is all path."""

    project: str
    rest: tuple[str, ...] = ()
    commit: str | None = None
    spaces: tuple[str, ...] = (HEADS, TAGS)
    """Where the ref's name may be found; a branch goes before a tag."""


def place(text: str) -> Place:
    """Read a URL as people paste it. Raises Misuse; its message never repeats a credential."""
    host, path, fragment = _parts(text.strip())
    segments = [segment for segment in _decoded(path).split("/") if segment]
    repository, after = segments[:2], segments[2:]
    if after and after[0] not in (*_PAGES, *_PULLS, "src") and "-" in after:
        # GitLab's own separator; what stands before it is the repository, however many groups it lies in.
        repository, after = segments[: segments.index("-", 2)], segments[segments.index("-", 2) + 1 :]
    elif not after and ".git" in path and fragment:
        after = ["tree", *(part for part in _decoded(fragment.replace(":", "/", 1)).split("/") if part)]
        after[1:1] = ["HEAD"] if fragment.startswith(":") else []
    if any(part in (".", "..") or _CONTROL.search(part) for part in segments + after):
        raise Misuse("the URL's path has a part that names no file", _FORM)
    project = f"https://{host}/{'/'.join(repository)}".removesuffix(".git")
    return _place(project, after) if after else Place(project)


def _place(project: str, after: Sequence[str]) -> Place:
    if after[0] in _PULLS:
        raise _pull()
    spaces: tuple[str, ...] = (HEADS, TAGS)
    match after:
        case ["commit", commit, *path] | ["src", "commit", commit, *path]:
            if not _COMMIT.match(commit):
                raise Misuse(f"{quoted(commit)} is not a whole commit", "write all 40 characters; a shorter one may come to mean another")
            return Place(project, tuple(path), commit.lower())
        case ["src", "branch", *rest]:
            spaces = (HEADS,)
        case ["src" | "releases", "tag", *rest] | ["tags" | "releases", *rest]:
            spaces = (TAGS,)
        case [page, *rest] if page not in (*_PAGES, "src"):
            raise Misuse(f"the page {quoted(page)} of a repository is no place in its source", _FORM)
        case _:
            rest = list(after[1:])
    if not rest:
        raise Misuse("the URL names no branch", _FORM)
    if _PULL_REF.match("/".join(rest)):
        raise _pull()
    if _COMMIT.match(rest[0]):
        return Place(project, tuple(rest[1:]), rest[0].lower())
    return Place(project, tuple(rest), None, spaces)


def _pull() -> Misuse:
    return Misuse(
        "the URL is that of a pull request: whoever opened it can change what it holds, and a pin could lose its way to it",
        "name the branch that it is merged into, or wait until it is",
    )


def _parts(text: str) -> tuple[str, str, str]:
    """Return host, path and fragment; what was pasted as ssh or git is read over https, as a stranger reads it."""
    if len(text) > LONGEST:
        raise Misuse(f"the URL is longer than {LONGEST} characters", _FORM)
    if text and not _TEXT.match(text):
        raise Misuse("the URL has blanks, a backslash or characters that a URL writes with %", _FORM)
    text = text.removeprefix("git+")
    if found := _SCP.match(text):
        text = f"https://{found[1]}/{found[2]}"
    elif "://" not in text and _BARE.match(text):
        text = f"https://{text}"
    try:
        url = urlsplit(text)
    except ValueError as error:
        raise Misuse("that is not a URL", _FORM) from error
    if url.scheme not in _SCHEMES or not url.netloc:
        raise Misuse(f"the scheme {quoted(url.scheme)} is not one of git repositories" if url.scheme else "that is not a URL", _FORM)
    host = url.netloc.removeprefix("git@") if url.scheme == "ssh" else url.netloc
    if "@" in host:
        raise Misuse("the URL carries a user name or a credential, which would be published", "remove what stands before the @, and revoke it if it was real")
    return host.lower(), url.path, url.fragment


def _decoded(path: str) -> str:
    try:
        return unquote(path, errors="strict")
    except UnicodeDecodeError as error:
        raise Misuse("the URL's path is not UTF-8", _FORM) from error


def prefixes(where: Place) -> list[str]:
    """Return the prefixes of the refs that tell what `where` means."""
    first = where.rest[0] if where.rest and where.commit is None else None
    if first is None or first == "HEAD":
        return ["HEAD"]
    written = ["/".join(where.rest[:3])] if first == "refs" and len(where.rest) > 2 else []
    return ["HEAD", *(f"{space}{first}" for space in where.spaces), *written]


def split(where: Place, refs: Refs) -> tuple[str, str]:
    """Return the full name of the ref that `where` names, and the path behind it; `HEAD` where it names none. Raises Misuse where it is not among `refs`.

    The branch `a` and the branch `a/b` can't both exist, so at most one beginning of `rest` is a branch.
    """
    if where.commit is not None or not where.rest:
        return "HEAD", "/".join(where.rest)
    if where.rest[0] == "HEAD":
        return "HEAD", "/".join(where.rest[1:])
    for space in (*where.spaces, ""):
        for end in range(1, len(where.rest) + 1):
            name = space + "/".join(where.rest[:end])
            if name in refs and name.startswith((HEADS, TAGS)):
                return name, "/".join(where.rest[end:])
    raise Misuse(
        f"upstream has no branch or tag at the start of {quoted('/'.join(where.rest))}", "is it spelt as upstream spells it, upper and lower case too?"
    )
