"""A registry's files on disk, and the toolkit's own schemas. Reads bounded bytes of regular files; follows no link."""

from __future__ import annotations

import errno
import glob
import itertools
import json
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from jsonschema import Draft202012Validator

from pinwarden.config import CONFIG_PATH, Config, read_config
from pinwarden.document import MAX_BYTES, Defect
from pinwarden.entry import Entry
from pinwarden.errors import Misuse, OutsideError
from pinwarden.finding import START
from pinwarden.rules import Policy
from pinwarden.shown import quoted
from pinwarden.validation import Checked, check_entry, refused

_SCHEMAS = Path(__file__).resolve().parents[3] / "schemas"
NOT_A_FILE = Defect("not-a-file", START, "the entry is not a regular file of the registry", "replace the link or folder by the file itself")


def validator(name: str) -> Draft202012Validator:
    """Return the validator of `schemas/<name>.schema.json`."""
    return Draft202012Validator(json.loads((_SCHEMAS / f"{name}.schema.json").read_bytes()))


@dataclass(frozen=True, slots=True)
class EntryFile:
    """Where one entry is: its folder's name, and its path relative to the registry's root, with forward slashes."""

    server: str
    path: str


@dataclass(frozen=True, slots=True)
class Registry:
    """A registry's folder. `root` is as the user gave it. Another kind of registry overrides how paths are matched and files are read."""

    root: Path

    def config_bytes(self) -> bytes | None:
        """Return the configuration in the folder, None where there is none; raises Misuse where it can't be read."""
        raw = self._read(CONFIG_PATH)
        if isinstance(raw, Defect):
            self._must_be_a_folder()
            raise Misuse(f"{CONFIG_PATH}: not a regular file", "replace the link or folder by the file itself")
        return raw

    def config(self) -> Config:
        """Read the configuration in the folder. Raises Misuse where it is not valid."""
        return read_config(self.config_bytes(), validator("config"))

    def file(self, path: str) -> bytes | Defect | None:
        """Return the first bytes of a file of the registry, as many as may be read; None where there is none, a defect where it can't be read."""
        raw = self._read(path)
        if not isinstance(raw, bytes):
            self._must_be_a_folder()
        return raw

    def has_entries(self, config: Config) -> bool:
        """Tell whether there is any entry; raises Misuse where the folder is missing."""
        return any(True for _ in self._matching(config.entries))

    def entries(self, config: Config, servers: Iterable[str] = ()) -> list[EntryFile]:
        """List the entries in the order of their names, all or those of `servers`.

        Raises Misuse where the folder, every entry, or one of `servers` is missing.
        """
        found = self.files(self._matching(config.entries))
        if not found:
            raise Misuse(
                f"{self.root}: no entries match {config.entries}",
                f"name the registry's root, or set entries in {CONFIG_PATH}; in a workflow, actions/checkout comes first",
            )
        for first, second in itertools.pairwise(found):
            if first.server == second.server:
                raise Misuse(f"{self.root}: two entries are named {quoted(first.server)}: {first.path} and {second.path}", "the folder is the name; rename one")
        wanted = set(servers)
        unknown = wanted - {file.server for file in found}
        if unknown:
            raise Misuse(f"{self.root}: no entry for {', '.join(map(quoted, sorted(unknown)))}", "use the names of folders, separated by commas")
        return [file for file in found if not wanted or file.server in wanted]

    def checker(self, policy: Policy) -> Callable[[Entry, bytes], Checked]:
        """Return a function that checks new bytes in the place of an entry's own."""
        schema = validator("entry")
        return lambda entry, raw: check_entry(entry.server, entry.path, raw, schema, policy)

    def check(self, files: Iterable[EntryFile], policy: Policy) -> Iterator[Checked]:
        """Check entries one after the other, holding one at a time."""
        schema = validator("entry")
        for file in files:
            raw = self._read(file.path)
            if raw is None:
                yield refused(file.server, file.path, Defect("not-a-file", START, "the entry vanished while it was read", "run again"))
            elif isinstance(raw, Defect):
                yield refused(file.server, file.path, raw)
            else:
                yield check_entry(file.server, file.path, raw, schema, policy)

    def _must_be_a_folder(self) -> None:
        if not self.root.is_dir():
            raise Misuse(f"{self.root}: no such folder", "name the registry's root folder")

    def _read(self, path: str) -> bytes | Defect | None:
        return _read_below(self.root, path)

    def _matching(self, pattern: str) -> Iterable[str]:
        self._must_be_a_folder()
        return glob.glob(pattern, root_dir=self.root, include_hidden=True)

    def files(self, paths: Iterable[str]) -> list[EntryFile]:
        """Return the entries at `paths` in the order of their names."""
        return sorted((EntryFile(path.parent.name, str(path)) for path in map(PurePosixPath, paths)), key=lambda file: (file.server, file.path))


def _read_below(root: Path, path: str) -> bytes | Defect | None:
    """Read a file below `root` without following a link at any step; None where it does not exist."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    *folders, name = path.split("/")
    handles: list[int] = []
    try:
        handles.append(os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC))
        for folder in folders:
            handles.append(os.open(folder, flags | os.O_DIRECTORY, dir_fd=handles[-1]))
        handles.append(os.open(name, flags, dir_fd=handles[-1]))
        if not stat.S_ISREG(os.fstat(handles[-1]).st_mode):
            return NOT_A_FILE
        with open(handles.pop(), "rb") as file:
            return file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENOTDIR, errno.EMLINK, errno.ENXIO, errno.EISDIR):
            return NOT_A_FILE
        if error.errno == errno.EACCES:
            return Defect("not-a-file", START, "the entry can't be read: permission denied", "make it readable")
        raise OutsideError(f"{path}: {error.strerror}", "check the disk") from error
    finally:
        for handle in handles:
            os.close(handle)
