"""What an image is to be built with, so that it says what it was built from. Source: annotations of the OCI image specification."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from pinwarden.entry import Entry
from pinwarden.finding import Finding, Severity
from pinwarden.floating import Floating
from pinwarden.image import REVISION
from pinwarden.shown import quoted
from pinwarden.tree import normal

_OCI = "org.opencontainers.image."
_LONGEST = 500
_MOST_FINDINGS = 20
# Where the hosts that are known show the files of a commit.
_FILES = {"github.com": "tree", "gitlab.com": "-/tree", "codeberg.org": "src/commit"}


@dataclass(frozen=True, slots=True)
class Build:
    """All that a builder needs besides the tag. `file` is relative to the context, `target` is None for the last stage."""

    labels: Mapping[str, str]
    build_args: Mapping[str, str]
    context: str
    file: str
    target: str | None
    image: str | None

    def command(self) -> str:
        """Return the line for a shell that builds it."""
        words = ["docker", "build"]
        for flag, pairs in (("--label", self.labels), ("--build-arg", self.build_args)):
            words += [word for key, value in pairs.items() for word in (flag, f"{key}={value}")]
        words += ["--file", self.file]
        words += ["--target", self.target] if self.target else []
        words += ["--tag", self.image] if self.image else []
        return shlex.join([*words, self.context])


def build(entry: Entry, committed_at: int | None) -> Build:
    """Return how to build a valid entry at its pin. `committed_at` is when the pin was committed, in seconds since 1970, None where that is not known."""
    project, commit = str(entry.project), str(entry.commit)
    directory = normal(entry.directory)
    labels = {
        REVISION: commit,
        f"{_OCI}source": project,
        f"{_OCI}url": _url(project, commit, directory),
        f"{_OCI}title": _line(entry.document.scalar(("about", "title"))) or entry.server,
    }
    if description := _line(entry.document.scalar(("about", "description"))):
        labels[f"{_OCI}description"] = description
    # Names that builds know: Docker Hub's own builds give the first, BuildKit dates an image by the second.
    build_args = {"SOURCE_COMMIT": commit} | ({"SOURCE_DATE_EPOCH": str(committed_at)} if committed_at is not None else {})
    context = f"{project}.git#{commit}" + (f":{directory}" if directory else "")
    file = entry.document.scalar(("source", "dockerfile")) or "Dockerfile"
    return Build(labels, build_args, context, file, entry.document.scalar(("source", "buildTarget")), entry.image)


def listed(pairs: Mapping[str, str]) -> str:
    """Return pairs in the form of docker/build-push-action's lists, which it reads as CSV: one quoted field a line."""
    return "\n".join('"{}"'.format(f"{key}={value}".replace('"', '""')) for key, value in pairs.items())


def findings(entry: Entry, file: str, inputs: list[Floating]) -> list[Finding]:
    """Return what the pin does not cover as findings on the entry, each naming its line in the Dockerfile."""
    at = entry.document.position(("source", "dockerfile") if entry.has("source", "dockerfile") else ("source", "commit"))
    hint = "pin it as well: an image by digest, a download by checksum, a clone by commit, packages by a lock with hashes"
    told = [f"{quoted(file)}, line {one.line}: {one.says}; the pin does not cover it" for one in inputs]
    if len(told) > _MOST_FINDINGS:
        told = [*told[: _MOST_FINDINGS - 1], f"{quoted(file)} has {len(told) - _MOST_FINDINGS + 1} more inputs that the pin does not cover"]
    return [Finding(entry.server, entry.path, at.line, at.column, "floating-build-input", Severity.WARNING, message, hint) for message in told]


def dockerfile_missing(entry: Entry, path: str) -> Finding:
    """Return the finding for a pin at which there is nothing to build from."""
    at = entry.document.position(("source", "dockerfile") if entry.has("source", "dockerfile") else ("source", "commit"))
    message = f"there is no file {quoted(path)} at the pin"
    return Finding(entry.server, entry.path, at.line, at.column, "dockerfile-missing", Severity.ERROR, message, "name it in source.dockerfile")


def _line(text: str | None) -> str:
    """Return a text of an entry on one line, without what doesn't print."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text or "").split())[:_LONGEST]


def _url(project: str, commit: str, directory: str) -> str:
    between = _FILES.get(project.removeprefix("https://").partition("/")[0].lower())
    return f"{project}/{between}/{commit}" + (f"/{quote(directory)}" if directory else "") if between else project
