"""Objects of an upstream in a throwaway repository, read through git's plumbing. Nothing is ever checked out."""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pinwarden.errors import OutsideError

_MOST_BYTES = 256 * 1024 * 1024
"""What git may print at once, and hold of one object: packs are compressed, and may grow a thousandfold."""

_ENVIRONMENT_KEPT = ("PATH", "HOME", "TMPDIR", "LANG")


class BadPack(Exception):
    """What upstream sent is not a pack that git accepts."""


@dataclass(frozen=True, slots=True)
class Commit:
    """What a commit object says about itself. `committed_at` is in seconds since 1970, as the committer claims."""

    tree: str
    parents: tuple[str, ...]
    committed_at: int | None


@dataclass(frozen=True, slots=True)
class Objects:
    """A bare repository without refs, remotes or configuration."""

    folder: Path

    @classmethod
    @contextmanager
    def temporary(cls) -> Iterator[Objects]:
        """Give an empty repository that is gone afterwards."""
        with tempfile.TemporaryDirectory(prefix="pinwarden-", ignore_cleanup_errors=True) as folder:
            path = Path(folder)
            # The least that git takes for a repository; `git init` would cost a process each time.
            for name in ("objects", "refs"):
                (path / name).mkdir()
            (path / "HEAD").write_text("ref: refs/heads/none\n")
            yield cls(path)

    def add(self, pack: Iterable[bytes], seconds: float = 300) -> None:
        """Add a pack, computing every object's id from its content. Raises BadPack, and what reading `pack` raises.

        A small pack can unfold into objects that take hours to read, so git is ended after `seconds`.
        """
        with subprocess.Popen(
            self._command("index-pack", "--stdin"), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=_environment()
        ) as process:
            assert process.stdin is not None
            assert process.stderr is not None
            with _ended_after(process, seconds) as late:
                try:
                    for chunk in pack:
                        process.stdin.write(chunk)
                    process.stdin.close()
                except BrokenPipeError:
                    pass  # git has said why on stderr
                except BaseException:
                    process.kill()
                    raise
                message = process.stderr.read().decode(errors="replace").strip()
        if late.is_set():
            raise BadPack(f"git could not read it within {seconds:.0f} s")
        if process.returncode != 0:
            raise BadPack(message.splitlines()[-1] if message else "git index-pack failed")

    def commits(self) -> Mapping[str, Commit]:
        """Return every commit here by its id."""
        listed = self._git("cat-file", "--batch-all-objects", "--batch-check=%(objecttype) %(objectname)")
        ids = [line.removeprefix(b"commit ") for line in listed.splitlines() if line.startswith(b"commit ")]
        contents = self._git("cat-file", "--batch", "--buffer", stdin=b"".join(line + b"\n" for line in ids))
        found = {}
        start = 0
        for _ in ids:
            head_end = contents.index(b"\n", start)
            name, _kind, size = contents[start:head_end].decode().split(" ")
            start = head_end + 1 + int(size) + 1
            found[name] = _commit(contents[head_end + 1 : start - 1])
        return found

    def trees(self, commit: str, directories: Sequence[str]) -> dict[str, str | None]:
        """Return the id of each directory's tree at `commit`, None where there is no such directory."""
        asked = "".join(f"{commit}:{directory}\n" for directory in directories).encode()
        answers = self._git("cat-file", "--batch-check", stdin=asked).decode(errors="replace").splitlines()
        return {directory: _tree(answer) for directory, answer in zip(directories, answers, strict=True)}

    def tree(self, commit: str, seconds: float) -> bytes:
        """Return what `git ls-tree -r -z -l` prints for `commit`. Raises BadPack, also where the list has no end."""
        return self._git("ls-tree", "-r", "-z", "-l", "--full-tree", commit, seconds=seconds)

    def blobs(self, names: Iterable[str], seconds: float) -> Iterator[bytes]:
        """Yield the contents of blobs in the order of `names`. Raises BadPack."""
        with tempfile.TemporaryFile() as asked:
            asked.write("".join(f"{name}\n" for name in names).encode())
            count = asked.tell() // 41
            asked.seek(0)
            command = self._command("cat-file", "--batch", "--buffer")
            with subprocess.Popen(command, stdin=asked, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=_environment()) as process:
                assert process.stdout is not None
                with _ended_after(process, seconds):
                    try:
                        for _ in range(count):
                            _name, _, rest = process.stdout.readline().partition(b" ")
                            kind, _, size = rest.partition(b" ")
                            if kind != b"blob":
                                raise BadPack("it lacks a file, or git could not read it in time")
                            yield process.stdout.read(int(size))
                            process.stdout.read(1)
                    finally:
                        process.kill()

    def run(self, *arguments: str, seconds: float) -> bytes:
        """Run git here and return what it prints. Raises BadPack where it fails or takes longer than `seconds`."""
        return self._git(*arguments, seconds=seconds)

    def _git(self, *arguments: str, stdin: bytes = b"", seconds: float = 300) -> bytes:
        with tempfile.TemporaryFile() as asked:
            asked.write(stdin)
            asked.seek(0)
            with subprocess.Popen(self._command(*arguments), stdin=asked, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=_environment()) as process:
                assert process.stdout is not None
                with _ended_after(process, seconds):
                    output = process.stdout.read(_MOST_BYTES + 1)
                if len(output) > _MOST_BYTES:
                    process.kill()
                    raise BadPack("its objects are larger than the limit")
        if process.returncode != 0:
            raise BadPack(f"git {arguments[0]} failed")
        return output

    def _command(self, *arguments: str) -> list[str]:
        return ["git", f"--git-dir={self.folder}", *arguments]


@contextmanager
def _ended_after(process: subprocess.Popen[bytes], seconds: float) -> Iterator[threading.Event]:
    """Kill `process` after `seconds`, and set the event that is given."""
    late = threading.Event()

    def end() -> None:
        late.set()
        process.kill()

    timer = threading.Timer(max(seconds, 0.01), end)
    timer.start()
    try:
        yield late
    finally:
        timer.cancel()


def require_git() -> None:
    """Raise OutsideError where git is not installed."""
    try:
        subprocess.run(["git", "--version"], capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise OutsideError("git is not installed, or does not run", "install git; scanning needs it") from error


def reached(start: str, commits: Mapping[str, Commit]) -> set[str]:
    """Return the commits reachable from `start` through `commits`, and the parents at their edge."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(commits[name].parents if name in commits else ())
    return found


def _environment() -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if key in _ENVIRONMENT_KEPT}
    return {**kept, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_NO_LAZY_FETCH": "1", "GIT_ALLOC_LIMIT": str(_MOST_BYTES)}


def _commit(content: bytes) -> Commit:
    headers = content.partition(b"\n\n")[0].decode(errors="replace").split("\n")
    tree = next((line.removeprefix("tree ") for line in headers if line.startswith("tree ")), "")
    parents = tuple(line.removeprefix("parent ") for line in headers if line.startswith("parent "))
    committer = next((line for line in headers if line.startswith("committer ")), "")
    time = committer.rpartition("> ")[2].partition(" ")[0]
    return Commit(tree, parents, int(time) if time.isdecimal() and len(time) < 12 else None)


def _tree(answer: str) -> str | None:
    name, _, kind = answer.partition(" ")
    return name if kind.startswith("tree ") else None
