"""What an image is to be built with, so that it says what it was built from. Source: annotations of the OCI image specification."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from pinwarden.entry import Entry
from pinwarden.image import REVISION
from pinwarden.tree import normal

_OCI = "org.opencontainers.image."
_LONGEST = 500
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
    return Build(labels, build_args, context, dockerfile_in(entry), entry.document.scalar(("source", "buildTarget")), entry.image)


def dockerfile_in(entry: Entry) -> str:
    """Return the path of an entry's Dockerfile, relative to its directory."""
    return entry.document.scalar(("source", "dockerfile")) or "Dockerfile"


def listed(pairs: Mapping[str, str]) -> str:
    """Return pairs in the form of docker/build-push-action's lists, which it reads as CSV: one quoted field a line."""
    return "\n".join('"{}"'.format(f"{key}={value}".replace('"', '""')) for key, value in pairs.items())


def _line(text: str | None) -> str:
    """Return a text of an entry on one line, without what doesn't print."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text or "").split())[:_LONGEST]


def _url(project: str, commit: str, directory: str) -> str:
    between = _FILES.get(project.removeprefix("https://").partition("/")[0].lower())
    return f"{project}/{between}/{commit}" + (f"/{quote(directory)}" if directory else "") if between else project
