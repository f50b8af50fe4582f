"""What a pin does not cover: whatever a Dockerfile fetches that may be something else tomorrow."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pinwarden.dockerfile import Instruction, directives, instructions
from pinwarden.entry import Entry
from pinwarden.finding import Finding, Severity
from pinwarden.shown import quoted
from pinwarden.surface.commands import downloads_and_runs

_LONGEST = 20_000
_MOST_FINDINGS = 20
_DIGEST = re.compile(r"@sha256:[0-9a-f]{64}\Z")
_COMMIT = re.compile(r"\b[0-9a-f]{40}\b")
_FLAG = re.compile(r"--([a-z-]{1,30})=(\S+)\s*")
_VARIABLE = re.compile(r"\$(?:\{([A-Za-z_][A-Za-z0-9_]*)(?::?-([^}]{0,200}))?\}|([A-Za-z_][A-Za-z0-9_]*))")
_GIT_URL = re.compile(r"(?:git@|git://|ssh://|https?://\S+\.git(?:[#?]|\Z))")
_URL = re.compile(r"https?://[^\s\"'|;)]+")
_COMPARED = re.compile(r"\b(?:sha(?:256|384|512)sum|shasum|gpg2?\s[^;&|]{0,200}--verify|minisign|cosign\s+verify)\b")
_CLONES = re.compile(r"\bgit\s+(?:-\S+\s+)*clone\b")

# What an install line must have so that a lock decides what it installs; None where nothing makes it so.
_INSTALLS: tuple[tuple[str, str | None], ...] = (
    (r"(?:pip3?|python[0-9.]* -m pip|uv pip) (?:-\S+ )*install\b", r"--require-hashes|--no-deps (?:-e )?\.|--no-index"),
    (r"uv sync\b", r"--frozen|--locked"),
    (r"uv tool install\b|uvx \S|pipx (?:install|run)\b", None),
    (r"(?:npm|cnpm) (?:-\S+ )*(?:install|i|add|update)\b", None),
    (r"npx \S|pnpm dlx\b|yarn dlx\b|bunx \S", None),
    (r"yarn(?: install)?(?= --|\s*\Z)", r"--frozen-lockfile|--immutable"),
    (r"(?:pnpm|bun) (?:install|i)\b", r"--frozen-lockfile"),
    (r"(?:pnpm|yarn|bun) (?:global )?add\b", None),
    (r"go (?:install|get) \S+@(?!v\d)\S+", None),
    (r"cargo install\b", r"--locked"),
    (r"gem install\b", None),
    (r"(?:apt-get|apt) (?:-\S+ )*install\b|apk (?:-\S+ )*add\b|(?:dnf|yum|microdnf|tdnf|zypper) (?:-\S+ )*install\b", r"snapshot\.debian\.org"),
)
_PATTERNS = tuple((re.compile(rf"(?:^|\s)({install})"), re.compile(locked) if locked else None) for install, locked in _INSTALLS)


@dataclass(frozen=True, slots=True)
class Floating:
    """One input of a build that the pin does not cover: its line in the Dockerfile, and what it is."""

    line: int
    says: str


def floating_findings(entry: Entry, file: str, inputs: Sequence[Floating]) -> list[Finding]:
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


def floating_inputs(text: str) -> list[Floating]:
    """Return what a Dockerfile takes from outside the pin, in the order of its lines."""
    found: list[Floating] = []
    stages: set[str] = set()
    defaults: dict[str, str] = {}
    if syntax := directives(text).get("syntax"):
        found += [Floating(1, f"the builder's syntax {quoted(syntax)} has no digest")] if not _DIGEST.search(syntax) else []
    for one in instructions(text):
        if len(one.rest) > _LONGEST:
            found.append(Floating(one.line, f"an instruction of more than {_LONGEST} characters is not read"))
            continue
        match one.word:
            case "ARG" if not stages:
                name, _, value = one.rest.partition("=")
                defaults[name.strip()] = value.strip().strip("\"'")
            case "FROM":
                found += [Floating(one.line, says) for says in _base(one.rest, stages, defaults)]
            case "COPY" | "ADD":
                found += [Floating(one.line, says) for says in _copied(one, stages, defaults)]
            case "RUN":
                mounted = re.findall(r"--mount=\S{0,500}?\bfrom=([^,\s]+)", one.rest)
                found += [Floating(one.line, says) for image in mounted for says in _image(image, stages, defaults)]
                found += [Floating(one.line, says) for says in _run(one.rest)]
            case _:
                pass  # it fetches nothing
    return list(dict.fromkeys(found))


def _base(rest: str, stages: set[str], defaults: Mapping[str, str]) -> Iterator[str]:
    words = _FLAG.sub("", rest).split()
    if words:
        yield from _image(words[0], stages, defaults)
    # A stage without a name is one all the same, for what counts them.
    stages.add(words[2].lower() if len(words) > 2 and words[1].upper() == "AS" else str(len(stages)))


def _image(image: str, stages: set[str], defaults: Mapping[str, str]) -> Iterator[str]:
    named = _VARIABLE.sub(lambda match: defaults.get(match[1] or match[3]) or match[2] or match[0], image)
    if named.lower() in stages or named == "scratch" or named.isdecimal():
        return
    if "$" in named:
        yield f"the image {quoted(image)} is decided by a build argument"
    elif not _DIGEST.search(named):
        yield f"the image {quoted(named)} has no digest"


def _copied(one: Instruction, stages: set[str], defaults: Mapping[str, str]) -> Iterator[str]:
    flags = dict(_FLAG.findall(one.rest))
    if "from" in flags:
        yield from _image(flags["from"], stages, defaults)
    if one.word != "ADD":
        return
    for source in _FLAG.sub("", one.rest).replace('"', " ").replace(",", " ").split():
        if _GIT_URL.match(source):
            if not _COMMIT.search(source.partition("#")[2]) and not _COMMIT.search(flags.get("checksum", "")):
                yield f"{quoted(source)} is added at no commit"
        elif _URL.match(source) and "checksum" not in flags:
            yield f"{quoted(source)} is added without a checksum"


def _run(rest: str) -> Iterator[str]:
    command = " ".join(_FLAG.sub("", rest).split())
    if downloads_and_runs(rest):
        yield "what was just fetched is run"
    elif re.search(r"\b(?:curl|wget)\b", command) and (url := _URL.search(command)) and not _COMPARED.search(command):
        yield f"{quoted(url[0])} is fetched, and compared with nothing"
    if _CLONES.search(command) and not _COMMIT.search(command):
        yield "git clone takes whatever the branch or tag names"
    for line in re.split(r"&&|\|\||[;|\n]", command):
        for install, locked in _PATTERNS:
            if (match := install.search(line)) and not (locked and locked.search(line)):
                yield f"{quoted(match[1].strip())} installs what there is at the time, no lock decides"
                break
