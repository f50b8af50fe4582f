"""What can be said of a file without parsing its language: what it is, where it stands, what is written in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import PurePosixPath

from pinwarden.risk import Risk
from pinwarden.surface import manifests, texts
from pinwarden.surface.commands import command_lines, downloads_and_runs, runs_what_it_fetched
from pinwarden.surface.fact import Fact, Kind
from pinwarden.tree import Blob, BlobKind

PYTHON = (".py", ".pyi", ".pyw")
JAVASCRIPT = (".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx")
MOST_READ = 4 * 1024 * 1024
"""Bytes of a file that is read for what it says."""

_MINIFIED_LINE = 5_000
_COMPILED = (b"\x7fELF", b"MZ", b"\xfe\xed\xfa", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe", b"\0asm", b"PK\x03\x04", b"\x1f\x8b", b"!<arch>")
_COMPILED_NAMES = (".so", ".dll", ".dylib", ".exe", ".pyc", ".node", ".wasm", ".jar", ".whl")
# Text that is read by people, locks that repeat what a manifest says, and what the parsers see better.
_NOT_SCANNED = (*PYTHON, *JAVASCRIPT, ".md", ".rst", ".lock", ".json", ".svg", ".html", ".css", ".txt", ".yml", ".yaml")
_PROSE = ("metadata", "pkg-info", "record", "license", "licence", "copying", "notice", "authors", "changelog", "readme", "codeowners")
_SHELL = (".sh", ".bash", ".zsh", ".mk")
_SHEBANG = re.compile(r"#![^\n]{0,60}\b(?:ba|z|da|k)?sh\b")
_STARTED_WITH_PYTHON = ("sitecustomize.py", "usercustomize.py")


def is_binary(blob: Blob) -> bool:
    """Tell binary from text as git does."""
    return b"\0" in blob.content[:8000]


def is_source(path: str, blob: Blob) -> bool:
    """Tell whether a file is in a language that is parsed here, by its name or by what its first line says runs it."""
    if path.lower().endswith((*PYTHON, *JAVASCRIPT)):
        return True
    return not PurePosixPath(path).suffix and blob.content.startswith(b"#!") and b"python" in blob.content[:60].partition(b"\n")[0]


def is_minified(path: str, blob: Blob) -> bool:
    """Tell whether a script has lines that nobody reads."""
    return path.lower().endswith(JAVASCRIPT) and any(len(line) > _MINIFIED_LINE for line in blob.content.split(b"\n"))


def facts(path: str, blob: Blob) -> Iterator[Fact]:
    """Yield what a file says, whatever its language. Raises NotParsed for a manifest that is none."""
    name = PurePosixPath(path).name.lower()
    yield from (replace(fact, key=f"name {fact.key}", line=1, risk=Risk.HIGH, says=f"the file's name has {fact.says}") for fact in texts.hidden(path))
    if blob.kind is BlobKind.SYMLINK:
        if blob.text.startswith("/") or ".." in blob.text.split("/"):
            yield Fact(Kind.BINARY, path, 1, Risk.LOW, f"a link that leads to {blob.text[:200]}", blob.text[:1000])
        return
    compiled = name.endswith(_COMPILED_NAMES) or blob.content.startswith(_COMPILED)
    if is_binary(blob) and is_source(path, blob):
        yield Fact(Kind.BINARY, path, 1, Risk.HIGH, "source code that is made to look binary", _hash(blob))
    elif is_binary(blob) or compiled:
        yield Fact(Kind.BINARY, path, 1, Risk.HIGH if compiled else Risk.LOW, "a compiled or packed file" if compiled else "a binary file", _hash(blob))
        return
    text = blob.text[:MOST_READ]
    yield from texts.hidden(text)
    yield from texts.to_reviewers(text)
    if name.endswith(_SHELL) or name == "makefile" or _SHEBANG.match(text):
        yield from (runs_what_it_fetched(line, number) for number, line in command_lines(text) if downloads_and_runs(line))
    if is_minified(path, blob):
        yield Fact(Kind.MINIFIED, path, 1, Risk.LOW, "code on lines that nobody reads", _hash(blob))
        yield from texts.literal_facts(text, 1)
    if path.startswith(".github/workflows/") or name in (".gitlab-ci.yml", "azure-pipelines.yml", ".travis.yml", "jenkinsfile"):
        yield Fact(Kind.CI, path, 1, Risk.INFO, "steers continuous integration", _hash(blob))
    yield from _install_hook(path, name, text, blob)
    if reader := _manifest(name):
        yield from reader(text)
    elif not name.endswith(_NOT_SCANNED) and not name.startswith(_PROSE):
        for number, line in enumerate(text.split("\n")[:20_000], 1):
            yield from texts.literal_facts(line[:2_000], number)


def _install_hook(path: str, name: str, text: str, blob: Blob) -> Iterator[Fact]:
    if name in _STARTED_WITH_PYTHON or name.endswith(".pth"):
        yield Fact(Kind.INSTALL_HOOK, path, 1, Risk.HIGH, "runs whenever Python starts", _hash(blob))
    elif name == "setup.py" and "cmdclass" in text:
        line = text.count("\n", 0, text.index("cmdclass")) + 1
        yield Fact(Kind.INSTALL_HOOK, path, line, Risk.HIGH, "replaces a step of the installation", _hash(blob))
    elif name == "binding.gyp":
        yield Fact(Kind.INSTALL_HOOK, path, 1, Risk.HIGH, "makes npm build native code when the package is installed", _hash(blob))


def _manifest(name: str) -> Callable[[str], Iterator[Fact]] | None:
    if name.startswith("requirements") and name.endswith((".txt", ".in")):
        return manifests.read_requirements
    if name == "dockerfile" or name.startswith("dockerfile.") or name.endswith(".dockerfile"):
        return manifests.read_dockerfile
    if manifests.is_lock(name):
        return manifests.read_lock
    return {"package.json": manifests.read_package_json, "pyproject.toml": manifests.read_pyproject}.get(name)


def _hash(blob: Blob) -> str:
    return sha256(blob.content).hexdigest()
