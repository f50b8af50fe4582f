"""Puts the caller workflows, a configuration and a list of publishers into a registry's checkout. Nothing is overwritten, no link is followed."""

from __future__ import annotations

import errno
import os
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from pinwarden import adoption
from pinwarden.adapters.registry_files import Registry, validator
from pinwarden.adoption import Placed, State
from pinwarden.callers import FOLDER
from pinwarden.config import CONFIG_PATH, Config, config_finding
from pinwarden.document import Defect
from pinwarden.errors import Misuse
from pinwarden.rules import Policy
from pinwarden.shown import quoted

EXAMPLES = Path(__file__).resolve().parents[3] / "examples" / "workflows"
_NAMES = ("server.yaml", "server.yml")
_DEEPEST = 4
_MOST_FOLDERS = 50_000
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def planned(registry: Registry, commit: str, workflows: Collection[str]) -> dict[str, str]:
    """Return the files for a registry by path. Raises Misuse where its entries can't be found, or its configuration is not valid."""
    config = _found(registry)
    examples = {name: (EXAMPLES / f"{name}.yml").read_text(encoding="utf-8") for name in workflows}
    files = adoption.files(examples, commit, config)
    if wrong := config_finding(files[CONFIG_PATH].encode(), validator("config")):
        raise Misuse(f"{registry.root}: no configuration can say where its entries are, {quoted(config.entries)}: {wrong.message}", wrong.hint)
    return files


def place(registry: Registry, path: str, text: str, *, dry_run: bool) -> Placed:
    """Write `text` to the new file at `path`, and tell how it stands. What is there stays as it is. Raises OSError where the disk fails."""
    found = registry.file(path)
    if found is None:
        state = State.MISSING if dry_run else _create(registry.root, path, text)
        return Placed(path, text, state)
    if isinstance(found, Defect):
        return Placed(path, text, State.NOT_A_FILE)
    # A configuration and a list of publishers are made to be edited; a workflow is not.
    other = State.DIFFERS if path.startswith(f"{FOLDER}/") else State.KEPT
    return Placed(path, text, State.THERE if found == text.encode() else other, found.decode("utf-8", "replace"))


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


def _found(registry: Registry) -> Config:
    """Return the registry's configuration, or where it has none, one with the entries as they lie and the hosts that they name."""
    if registry.config_bytes() is not None:
        config = registry.config()
        registry.entries(config)
        return config
    config = Config() if registry.has_entries(Config()) else Config(entries=_entries(registry))
    checked = registry.check(registry.entries(config), config.policy)
    # Of an entry with nothing else against it, the project is https://host/owner/repo.
    fine = (one.entry for one in checked if one.entry and {finding.rule for finding in one.errors} <= {"project-host"})
    hosts = frozenset(urlsplit(entry.project).netloc for entry in fine if entry.project)
    return replace(config, policy=Policy(hosts)) if hosts else config


def _entries(registry: Registry) -> str:
    paths = sorted(_files(registry.root))
    if not paths:
        raise Misuse(f"{registry.root}: no entries: no folder holds a {_NAMES[0]}", "name the registry's root folder; new-server writes a first entry")
    if pattern := adoption.entries_glob(paths):
        return pattern
    raise Misuse(
        f"{registry.root}: no one pattern tells where the entries are: {quoted(paths[0])}, {quoted(paths[-1])}", f"write entries into {CONFIG_PATH} first"
    )


def _files(root: Path) -> Iterator[str]:
    """Yield the files that are named as entries are, at most four folders deep. No link is followed."""
    for number, (folder, folders, names) in enumerate(os.walk(root)):
        place = PurePosixPath(os.path.relpath(folder, root))
        depth = len(place.parts)
        folders[:] = (
            [] if depth >= _DEEPEST or number > _MOST_FOLDERS else sorted(name for name in folders if not name.startswith(".") and name != "node_modules")
        )
        if depth:
            yield from (str(place / name) for name in names if name in _NAMES)
