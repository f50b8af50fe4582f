"""Runs GuardDog over the changed files of both sides, in a process and an environment of its own."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

from pinwarden.adapters.environment import python_for
from pinwarden.adapters.staged_files import put
from pinwarden.adapters.staging import Staged
from pinwarden.guarddog import BadScan, Match, new, read_scan
from pinwarden.tree import BlobKind, path_problem, within

AGENT = Path(__file__).resolve().parents[3] / "actions" / "run-review" / "sandbox" / "agents" / "guarddog"
_MOST_PRINTED = 16 * 1024 * 1024


def scan(staged: Staged, directory: str, seconds: float) -> tuple[str, list[Match]]:
    """Return GuardDog's version and what it finds new in head. Raises BadScan, and OutsideError where its environment can't be made."""
    python = python_for(AGENT / "requirements.txt")
    with tempfile.TemporaryDirectory(prefix="pinwarden-", ignore_cleanup_errors=True) as scratch, tempfile.TemporaryFile() as printed:
        folders = []
        for name, blobs in (("base", staged.base), ("head", staged.head)):
            folder = Path(scratch) / name
            folder.mkdir()
            folders.append(str(folder))
            for path, blob in blobs.items():
                if blob.kind is not BlobKind.SYMLINK and within(path, directory) and not path_problem(path):
                    put(folder, path, blob.content)
        command = [str(python), "-I", str(AGENT / "scan.py"), *folders]
        environment = {"PATH": os.environ.get("PATH", os.defpath), "HOME": scratch, "TMPDIR": scratch, "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}
        try:
            done = subprocess.run(
                command, env=environment, cwd=scratch, stdin=subprocess.DEVNULL, stdout=printed, stderr=subprocess.DEVNULL, timeout=seconds, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise BadScan(f"GuardDog took longer than {seconds:g} s") from error
        if done.returncode:
            raise BadScan(f"GuardDog ended with exit code {done.returncode}")
        printed.seek(0)
        answer = printed.read(_MOST_PRINTED + 1)
    if len(answer) > _MOST_PRINTED:
        raise BadScan("GuardDog's answer is too large")
    version, (base, head) = read_scan(answer, 2)
    return version, new(base, head)
