"""What a release is made of, and what is left to do for one. Pure: every state that a killed run may leave can be tried."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from markdown_it import MarkdownIt
from packaging.version import InvalidVersion, Version

from pinwarden.errors import Misuse
from pinwarden.image_reference import BadReference, Reference
from pinwarden.shown import quoted, shown

PARTS = ("codex", "guarddog", "proxy")
"""Of the sandbox's images those that are published. Claude Code is proprietary: nobody but its makers may hand it on."""
PLATFORMS = ("amd64", "arm64")
IMAGES = "actions/run-review/sandbox/images.json"
CHANGELOG = "CHANGELOG.md"
ISSUER = "https://token.actions.githubusercontent.com"
WORKFLOW = ".github/workflows/release.yml"
_VERSION = re.compile(r"(?:0|[1-9][0-9]*)\.(?:0|[1-9][0-9]*)\.(?:0|[1-9][0-9]*)")
_LEVEL = ("heading_open", "h2", 0)
_HEADING = re.compile(r"\[(?P<version>[^]]+)\](?: - (?P<date>\d{4}-\d{2}-\d{2}))?")


def version_of(text: str) -> Version:
    """Read the version to be released. Raises Misuse: it is three numbers, and a tag's `v` is ours to add."""
    if not _VERSION.fullmatch(text):
        raise Misuse(f"{quoted(text[:60])} is no version", "write three numbers, such as 1.4.0, without a v; there are no pre-releases")
    return Version(text)


def tag_of(version: Version) -> str:
    """Return the tag that stays where it is made."""
    return f"v{version}"


def major_of(version: Version) -> str:
    """Return the tag that moves to each release of the same major version."""
    return f"v{version.major}"


def section(changelog: str, version: Version) -> str:
    """Return what the changelog says of a version, as Markdown. Raises Misuse where it says nothing, or something has no version yet."""
    told = {heading.get("version"): (heading.get("date"), text) for heading, text in _sections(changelog)}
    if told.get("Unreleased", ("", ""))[1]:
        raise Misuse(f"{CHANGELOG} has changes under Unreleased", f"move them under `## [{version}] - <date>`: all that is on the branch is released")
    date, text = told.get(str(version), (None, ""))
    if not text or not date:
        raise Misuse(
            f"{CHANGELOG} says nothing of {version}",
            f"add the section `## [{version}] - <year>-<month>-<day>`, which tells users what changes for them, by a pull request; then run again",
        )
    return text


def _sections(changelog: str) -> Iterable[tuple[dict[str, str | None], str]]:
    """Yield each heading of the second level that names a version, and the text below it."""
    lines = changelog.split("\n")
    tokens = MarkdownIt().parse(changelog)
    headings = [
        (token.map[0], token.map[1], tokens[at + 1].content) for at, token in enumerate(tokens) if (token.type, token.tag, token.level) == _LEVEL and token.map
    ]
    for at, (_, below, content) in enumerate(headings):
        end = headings[at + 1][0] if at + 1 < len(headings) else len(lines)
        if found := _HEADING.fullmatch(content):
            yield found.groupdict(), "\n".join(lines[below:end]).strip()


class Step(StrEnum):
    """What is to be done next for a release."""

    COMMIT = "commit"
    """Make the commit with the digests, and the version's tag at it."""
    MAJOR = "major"
    """Let the major version's tag follow."""
    PUBLISH = "publish"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Tagged:
    """What the tag of a version leads to. `ours` where it is a commit that this workflow makes for that version."""

    commit: str
    ours: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """How the repository stands: the default branch, its commit, the tags by name, what the version's tag leads to, whether it is released."""

    branch: str
    head: str
    tags: Mapping[str, str]
    tagged: Tagged | None
    released: bool


def next_step(version: Version, commit: str, reading: Reading) -> Step:
    """Return what is next for a release of what the default branch is at `commit`. Raises Misuse where nothing may be done.

    A version's tag never moves. Where it is there and ours, what is missing beside it is made, whatever the branch is by now.
    """
    tag, others = tag_of(version), _versions(reading.tags)
    if reading.tagged is None:
        if others and version <= max(others):
            raise Misuse(f"{version} is not newer than {max(others)}, which is released", "choose a higher version")
        if reading.released:
            raise Misuse(f"there is a release of {tag}, and no such tag", "somebody deleted the tag, and what it led to is lost; choose a higher version")
        if reading.head != commit:
            raise Misuse(
                f"{shown(reading.branch)} is at {reading.head[:12]} by now, and this run is about {commit[:12]}",
                "nothing was tagged; start the workflow again, so that it tests and builds what is there",
            )
        return Step.COMMIT
    if not reading.tagged.ours:
        raise Misuse(f"the tag {tag} leads to {reading.tagged.commit[:12]}, which no release made", "no tag is replaced; choose a higher version")
    newest = all(other <= version for other in others if other.major == version.major)
    if newest and reading.tags.get(major_of(version)) != reading.tagged.commit:
        return Step.MAJOR
    return Step.NONE if reading.released else Step.PUBLISH


def _versions(tags: Iterable[str]) -> list[Version]:
    """Return the versions among tags; what is no version of three numbers is a major's tag or none of ours."""
    found = []
    for tag in tags:
        try:
            version = Version(tag)
        except InvalidVersion:
            continue
        if len(version.release) == 3:
            found.append(version)
    return found


def local_names(images: str) -> dict[str, str]:
    """Return what the published parts are called where they are built, from the list as the branch has it. Raises Misuse."""
    listed = json.loads(images)
    if missing := [part for part in PARTS if not isinstance(listed.get(part), str) or "@" in listed[part]]:
        raise Misuse(f"{IMAGES} does not say what {missing[0]} is called where it is built", "on the branch it names no digests; only releases do")
    return {part: listed[part] for part in PARTS}


def published_name(host: str, owner: str, local: str) -> str:
    """Return the name of an image in the owner's packages, such as ghcr.io/acme/pinwarden-proxy."""
    return f"{host}/{owner.lower()}/{local.replace('/', '-')}"


def checked(told: Mapping[str, str], names: Mapping[str, str]) -> dict[str, str]:
    """Return the reference of each part, where exactly the parts in `names` are told, each under its name at one digest. Raises Misuse."""
    if told.keys() != names.keys():
        raise Misuse(f"digests are told of {shown(', '.join(sorted(told)))}, and images are {', '.join(sorted(names))}", "a job did not do its part; run again")
    for part, text in told.items():
        try:
            reference = Reference.parse(text)
        except BadReference as error:
            raise Misuse(f"{part}: {error}", "a job did not do its part; run again") from error
        if text != f"{names[part]}@{reference.digest}":
            raise Misuse(f"{part}: {quoted(text)} is not {names[part]} at a digest", "a job did not do its part; run again")
    return dict(told)


def with_digests(images: str, references: Mapping[str, str]) -> str:
    """Return the list of images with the references in place of local names; what is not published stays as it is."""
    return json.dumps(json.loads(images) | dict(references), indent=2) + "\n"


def message(version: Version, built_from: str, references: Mapping[str, str]) -> str:
    """Return the message of the commit that a version's tag leads to. Its first line is what `headline` tells."""
    listed = "\n".join(f"- {part}: {references[part]}" for part in sorted(references))
    return f"{headline(version)}\n\nImages built and signed from {built_from}, this commit's parent:\n\n{listed}\n"


def headline(version: Version) -> str:
    """Return the first line by which a release's commit is known again."""
    return f"Release {tag_of(version)}"


def identity(server: str, repository: str, ref: str) -> str:
    """Return whom a certificate of Sigstore's must name: the workflow that releases, of that repository, from that branch."""
    return f"{server}/{repository}/{WORKFLOW}@{ref}"


def notes(told: str, version: Version, commit: str, images: str, page: str) -> str:
    """Return the text of a release: what the changelog says, the commit to pin, and the images that it runs. `page` tells how to verify them."""
    published = [reference for part, reference in sorted(json.loads(images).items()) if part in PARTS]
    listed = "\n".join(f"- `{reference}`" for reference in published)
    return (
        f"{told}\n\n### Pin it\n\nRefer to actions and workflows of this release by its commit: `@{commit} # {tag_of(version)}`. "
        f"It runs these images, which [this page]({page}) tells how to verify:\n\n{listed}\n"
    )
