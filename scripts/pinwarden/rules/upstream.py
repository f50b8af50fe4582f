"""Rules about where the source is: source.project and source.branch."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import SplitResult, urlsplit

from pinwarden.entry import Entry
from pinwarden.rules.rule import Policy, Problem
from pinwarden.shown import quoted

PROJECT = ("source", "project")
BRANCH = ("source", "branch")
_URL_TEXT = re.compile(r"[!-~]+\Z")
_SEGMENT = re.compile(r"(?!\.{1,2}\Z)[A-Za-z0-9._-]+\Z")
# git-check-ref-format(1), and nothing that a command line or a pkt-line could take for something else.
REF_FORBIDDEN = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|(?:^|/)\.|\.lock(?:/|\Z)|\A[-/]|[/.]\Z|\A@\Z")


def project_missing(entry: Entry, _: Policy) -> Iterator[Problem]:
    if entry.type == "server" and entry.has_source and (not entry.has(*PROJECT) or entry.project == ""):
        yield Problem(PROJECT, "a server that is built names no upstream repository", "add source.project: https://github.com/owner/repo")


def project_not_url(entry: Entry, _: Policy) -> Iterator[Problem]:
    if entry.project and _split(entry.project) is None:
        yield Problem(PROJECT, f"{quoted(entry.project)} is not an absolute URL", "write https://host/owner/repo")


def project_scheme(entry: Entry, _: Policy) -> Iterator[Problem]:
    # As written: git knows no scheme HTTPS.
    scheme = (entry.project or "").partition(":")[0]
    if _split(entry.project) and scheme != "https":
        yield Problem(PROJECT, f"the scheme {quoted(scheme)} does not prove which host answers", "use https://, in lower case")


def project_userinfo(entry: Entry, _: Policy) -> Iterator[Problem]:
    url = _split(entry.project)
    if url and "@" in url.netloc:
        yield Problem(
            PROJECT, "the URL carries a user name or a credential, which would be published", "remove what stands before the @, and revoke it if it was real"
        )


def project_port(entry: Entry, _: Policy) -> Iterator[Problem]:
    url = _https(entry)
    if url and ":" in url.netloc.rpartition("@")[2]:
        yield Problem(PROJECT, "the URL names a port", "use the host's own https port")


def project_host(entry: Entry, policy: Policy) -> Iterator[Problem]:
    url = _https(entry)
    host = url.netloc.rpartition("@")[2].partition(":")[0].lower() if url else ""
    if url and host not in policy.allowed_hosts:
        yield Problem(
            PROJECT, f"the host {quoted(host)} is not allowed", f"allowed-hosts in .github/pinwarden.yml has: {', '.join(sorted(policy.allowed_hosts))}"
        )


def project_query(entry: Entry, _: Policy) -> Iterator[Problem]:
    url = _https(entry)
    if url and ("?" in (entry.project or "") or "#" in (entry.project or "")):
        yield Problem(PROJECT, "the URL has a query or a fragment", "end it after /owner/repo; the commit goes to source.commit")


def project_path(entry: Entry, _: Policy) -> Iterator[Problem]:
    url = _https(entry)
    segments = url.path.split("/")[1:] if url else []
    if url and (len(segments) != 2 or not all(_SEGMENT.match(s) for s in segments) or segments[1].endswith(".git")):
        yield Problem(PROJECT, f"the path {quoted(url.path)} is not /owner/repo", "write https://host/owner/repo, without .git, /tree/… or a slash at the end")


def branch_not_ref(entry: Entry, _: Policy) -> Iterator[Problem]:
    if entry.branch and REF_FORBIDDEN.search(entry.branch):
        yield Problem(BRANCH, f"{quoted(entry.branch)} can't be the name of a branch", "write the branch's name as git shows it")


def _split(project: str | None) -> SplitResult | None:
    """Return the parts of an absolute URL; None for other text, also where parsers would disagree about it."""
    if not project or not _URL_TEXT.match(project) or "\\" in project:
        return None
    try:
        url = urlsplit(project)
    except ValueError:
        return None
    return url if url.scheme and project[len(url.scheme) :].startswith("://") else None


def _https(entry: Entry) -> SplitResult | None:
    return _split(entry.project) if (entry.project or "").startswith("https://") else None
