"""What files beside the code say: dependencies, install hooks, container builds."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from pinwarden.risk import Risk
from pinwarden.surface.commands import command_lines, downloads_and_runs, runs_what_it_fetched
from pinwarden.surface.fact import Fact, Kind, NotParsed
from pinwarden.surface.weakened import turned_off

ECOSYSTEMS = ("npm", "python")
"""The first words of the keys of packages."""
_LOCKS = frozenset("package-lock.json npm-shrinkwrap.json yarn.lock pnpm-lock.yaml uv.lock poetry.lock pdm.lock bun.lock pipfile.lock".split())  # noqa: SIM905
_LOCKED = re.compile(
    r"\b(?P<key>resolved|tarball|registry|git|url|resolution)[\"']?\s*[:= ]\s*[\"']?(?:[^\s\"']*@)?(?:git\+)?(?:https?|ssh|git)://(?:[^\s/@\"']*@)?(?P<host>[^\s/:\"',}]+)"
)
_FEW = 4
"""One in so many packages is few."""
_HOOKS = ("preinstall", "install", "postinstall", "prepare", "prepack", "postprepare", "preprepare")
# These run for whoever installs the package; the others only for whoever builds it from its sources.
_INSTALLED = frozenset({"preinstall", "install", "postinstall"})
_USUAL = re.compile(
    r"(?:npm|pnpm|yarn|bun) (?:run )?[\w:-]+|husky(?: install)?|tsc\b[\w .-]*|(?:npx )?(?:lefthook|simple-git-hooks|patch-package|ts-patch) ?[\w-]*"
)
_ELSEWHERE = re.compile(r"^(?:npm:|git\+|git:|https?:|ssh:|github:|gitlab:|bitbucket:|file:|\w[\w-]*/[\w.-]+(?:#|$))|@ (?:git\+|https?:)|^-e ")
_REQUIREMENT = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*(.*)")
_INDEX = re.compile(r"^\s*(?:--index-url|-i|--extra-index-url|--find-links|-f)[ =](\S+)")


def read_package_json(text: str) -> Iterator[Fact]:
    """Yield the facts of an npm package. Raises NotParsed."""
    try:
        package = json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise NotParsed("not JSON") from error
    if not isinstance(package, dict):
        raise NotParsed("not an object")
    scripts = package.get("scripts")
    for name, command in scripts.items() if isinstance(scripts, dict) else ():
        if isinstance(command, str):
            yield from _script(name, command, _line(text, f'"{name}"'))
    for group in ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies", "overrides", "resolutions"):
        listed = package.get(group)
        for name, wanted in listed.items() if isinstance(listed, dict) else ():
            if isinstance(wanted, str):
                yield _dependency("npm", name, wanted, _line(text, f'"{name}"'))


def _script(name: str, command: str, line: int) -> Iterator[Fact]:
    yield from turned_off(command, line)
    if name in _HOOKS:
        usual = all(_USUAL.fullmatch(part.strip()) for part in re.split(r"&&|\|\||;", command))
        risk = Risk.LOW if usual and name not in _INSTALLED else Risk.HIGH if name in _INSTALLED else Risk.MEDIUM
        yield Fact(Kind.INSTALL_HOOK, name, line, risk, f"runs when the package is {'installed' if name in _INSTALLED else 'built'}: {command}", command)
    elif downloads_and_runs(command):
        yield Fact(Kind.PROCESS, f"script {name}", line, Risk.HIGH, f"the script {name} runs what it has just fetched", command)


def read_pyproject(text: str) -> Iterator[Fact]:
    """Yield the facts of a Python project. Raises NotParsed."""
    try:
        project = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise NotParsed("not TOML") from error
    wanted = [*_texts(_at(project, "project", "dependencies")), *_texts(_at(project, "build-system", "requires"))]
    groups = [_at(project, "project", "optional-dependencies"), _at(project, "dependency-groups")]
    wanted += [text for group in groups if isinstance(group, Mapping) for listed in group.values() for text in _texts(listed)]
    for requirement in wanted:
        if match := _REQUIREMENT.match(requirement):
            yield _dependency("python", match[1].lower(), match[2], _line(text, match[1]))
    for table in (_at(project, "tool", "poetry", "dependencies"), _at(project, "tool", "uv", "sources")):
        for name, value in table.items() if isinstance(table, Mapping) else ():
            yield _dependency("python", name.lower(), value if isinstance(value, str) else _source(value), _line(text, name))
    backend = _at(project, "build-system", "build-backend")
    if isinstance(backend, str):
        local = bool(_at(project, "build-system", "backend-path"))
        yield Fact(Kind.INSTALL_HOOK, "build-backend", _line(text, "build-backend"), Risk.HIGH if local else Risk.LOW, f"is built by {backend}", backend)
    indexes = _at(project, "tool", "uv", "index") or _at(project, "tool", "poetry", "source") or []
    for index in indexes if isinstance(indexes, list) else ():
        if isinstance(index, Mapping):
            yield Fact(Kind.DEPENDENCY, f"index {index.get('url')}", _line(text, "url"), Risk.HIGH, f"packages come from another index: {index.get('url')}")


def read_requirements(text: str) -> Iterator[Fact]:
    """Yield the facts of a requirements file of pip."""
    for number, line in enumerate(text.split("\n"), 1):
        bare = line.partition(" #")[0].strip()
        if match := _INDEX.match(bare):
            yield Fact(Kind.DEPENDENCY, f"index {match[1]}", number, Risk.HIGH, f"packages come from another index: {match[1]}")
        elif _ELSEWHERE.search(bare):
            yield _dependency("python", bare, bare, number)
        elif bare and bare[0] not in "#-" and (match := _REQUIREMENT.match(bare)):
            yield _dependency("python", match[1].lower(), match[2].partition("--hash")[0].strip(" \\"), number)


def is_lock(name: str) -> bool:
    """Tell whether a file of this name, in lower case, says which packages exactly are installed."""
    return name in _LOCKS


def read_lock(text: str) -> Iterator[Fact]:
    """Yield the hosts that a lock's packages come from; where few come from one, most come from elsewhere."""
    found: dict[str, list[int]] = {}
    packages = 0
    for number, line in enumerate(text.split("\n"), 1):
        packages += "integrity" in line
        # A package says where to send money, too.
        for match in _LOCKED.finditer(line[:2_000]):
            if match["key"] != "url" or not text.startswith("{"):
                found.setdefault(match["host"].lower(), []).append(number)
    packages = max(packages, sum(map(len, found.values())))
    for host, lines in found.items():
        few = len(lines) * _FEW < packages
        says = f"few locked packages come from {host}, {len(lines)} of {packages}" if few else f"locked packages come from {host}"
        yield Fact(Kind.DEPENDENCY, f"packages from {host}", lines[0], Risk.MEDIUM if few else Risk.LOW, says)


def read_dockerfile(text: str) -> Iterator[Fact]:
    """Yield what a Dockerfile starts from and fetches, and what it runs."""
    for number, line in command_lines(text):
        if downloads_and_runs(line):
            yield runs_what_it_fetched(line, number, ", while the image is built")
        yield from turned_off(line, number)
    for number, line in enumerate(text.split("\n"), 1):
        word, _, rest = line.strip().partition(" ")
        match word.upper():
            case "FROM":
                image = re.sub(r"--\S+\s+", "", rest).split()[:1]
                yield Fact(Kind.DEPENDENCY, f"image {re.split('[:@]', ''.join(image))[0]}", number, Risk.LOW, f"is built on {''.join(image)}", "".join(image))
            case "ADD" if "://" in rest:
                yield Fact(Kind.DEPENDENCY, f"download {rest.split()[0]}", number, Risk.MEDIUM, f"fetches {rest.split()[0]} while the image is built")


def _dependency(ecosystem: str, name: str, wanted: str, line: int) -> Fact:
    elsewhere = bool(_ELSEWHERE.search(wanted)) and not wanted.startswith(("file:", "workspace:"))
    where = "as another package" if wanted.startswith("npm:") else "from outside the package index"
    says = f"needs {name} {where}: {wanted}" if elsewhere else f"needs {name} {wanted}".rstrip()
    return Fact(Kind.DEPENDENCY, f"{ecosystem} {name}", line, Risk.MEDIUM if elsewhere else Risk.LOW, says, wanted)


def _source(value: object) -> str:
    if isinstance(value, Mapping):
        url = value.get("git") or value.get("url")
        return f"git+{url}" if url else str(value.get("version", ""))
    return ""


def _at(project: Mapping[str, Any], *keys: str) -> Any:
    value: Any = project
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _texts(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _line(text: str, word: str) -> int:
    return text.count("\n", 0, max(text.find(word), 0)) + 1
