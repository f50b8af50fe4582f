"""Puts the caller workflows, a configuration and a list of publishers into a registry's checkout. Nothing is overwritten, no link is followed."""

from __future__ import annotations

import errno
import os
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from pinwarden import adoption
from pinwarden.adapters.registry_files import Registry
from pinwarden.adoption import Placed, State, entries_glob
from pinwarden.config import Config
from pinwarden.document import Defect
from pinwarden.errors import Misuse
from pinwarden.rules import Policy
from pinwarden.shown import quoted

_EXAMPLES = Path(__file__).resolve().parents[3] / "examples" / "workflows"
_NAMES = ("server.yaml", "server.yml")
_DEEPEST = 4
_MOST_FOLDERS = 50_000
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def planned(registry: Registry, commit: str, workflows: Collection[str]) -> dict[str, str]:
    """Return the files for a registry by path. Raises Misuse where its entries can't be found, or its configuration is not valid."""
    entries, hosts = _found(registry)
    examples = {name: (_EXAMPLES / f"{name}.yml").read_text(encoding="utf-8") for name in workflows}
    return adoption.files(examples, commit, entries, hosts)


def place(registry: Registry, path: str, text: str, *, dry_run: bool) -> Placed:
    """Write `text` to the new file at `path`, and tell how it stands. What is there stays as it is. Raises OSError where the disk fails."""
    found = registry.file(path)
    if found is None:
        state = State.MISSING if dry_run else _create(registry.root, path, text)
        return Placed(path, text, state)
    if isinstance(found, Defect):
        return Placed(path, text, State.NOT_A_FILE)
    there = found.decode("utf-8", "replace")
    return Placed(path, text, State.THERE if found == text.encode() else State.DIFFERS, there)


def _create(root: Path, path: str, text: str) -> State:
    *folders, name = path.split("/")
    handles = [os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)]
    try:
        for folder in folders:
            with suppress(FileExistsError):
                os.mkdir(folder, dir_fd=handles[-1])
            handles.append(os.open(folder, _FOLDER, dir_fd=handles[-1]))
        made = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666, dir_fd=handles[-1])
        try:
            with open(made, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
        except BaseException:
            with suppress(OSError):
                os.unlink(name, dir_fd=handles[-1])
            raise
    except OSError as error:
        # Whatever came there meanwhile, it is not ours.
        if error.errno in (errno.EEXIST, errno.ELOOP, errno.ENOTDIR):
            return State.NOT_A_FILE
        raise
    finally:
        for handle in handles:
            os.close(handle)
    return State.WRITTEN


def _found(registry: Registry) -> tuple[str, frozenset[str]]:
    """Return where the entries are, and which hosts they name: as the configuration says where there is one, else as the files are."""
    if registry.config_bytes() is not None:
        config = registry.config()
        registry.entries(config)
        return config.entries, config.policy.allowed_hosts
    entries = Config().entries
    if not registry.has_entries(Config()):
        paths = sorted(_files(registry.root))
        if not paths:
            raise Misuse(f"{registry.root}: no entries: no folder holds a server.yaml", "name the registry's root folder; new-server writes a first entry")
        glob = entries_glob(paths)
        if glob is None or not _usable(glob):
            raise Misuse(
                f"{registry.root}: one pattern does not tell where the entries are, such as {quoted(paths[0])}",
                "write entries into .github/pinwarden.yml first, as README.md says",
            )
        entries = glob
    config = Config(entries=entries)
    checked = registry.check(registry.entries(config), Policy())
    projects = (one.entry.project for one in checked if one.entry and one.entry.project)
    return entries, frozenset(host for project in projects if (host := _host(project)))


def _host(project: str) -> str:
    """Return the host of a project, empty where the rules would not take it for one."""
    try:
        parts = urlsplit(project)
        return parts.netloc if parts.scheme == "https" and parts.netloc == parts.hostname and _plain_host(parts.netloc) else ""
    except ValueError:
        return ""


def _plain_host(text: str) -> bool:
    labels = text.split(".")
    return text.isascii() and len(labels) > 1 and all(label.replace("-", "a").isalnum() and label == label.lower() for label in labels)


def _usable(glob: str) -> bool:
    """Tell whether the configuration takes the pattern."""
    return all(part and part.isascii() and part.translate({ord(sign): "a" for sign in "_.*-"}).isalnum() for part in glob.split("/"))


def _files(root: Path) -> Iterator[str]:
    """Yield the files that are named as entries are, at most four folders deep. No link is followed."""
    looked_at = 0
    for folder, folders, names in os.walk(root):
        looked_at += 1
        place = PurePosixPath(os.path.relpath(folder, root))
        depth = len(place.parts)
        folders[:] = (
            [] if depth >= _DEEPEST or looked_at > _MOST_FOLDERS else sorted(name for name in folders if not name.startswith(".") and name != "node_modules")
        )
        if depth:
            yield from (str(place / name) for name in names if name in _NAMES)
