"""GuardDog as an agent in the sandbox: what run-review does without one, on what is staged in /in. Writes the two files of /out.

The rules run in a process of their own, as they do outside; no name below /in leads elsewhere, for staging writes plain files alone.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from pinwarden.guarddog import BadScan, as_report, labels_of, new, read_scan  # noqa: E402  # where it is, the line above says
from pinwarden.tree import normal  # noqa: E402

INPUT, OUTPUT = Path("/in"), Path("/out")
SIDES = ("base", "repository")


def files(root: Path, directory: str) -> Iterator[str]:
    """Yield the paths of the plain files in `directory`, from `root`; what lies under .git is ours."""
    for folder, folders, names in os.walk(root / directory, onerror=_stop):
        folders[:] = [name for name in folders if name != ".git"]
        yield from (str((Path(folder) / name).relative_to(root)) for name in names if (Path(folder) / name).is_file())


def _stop(error: OSError) -> None:
    # A folder that one side lacks has no files there; anything else is not to be passed over.
    if not isinstance(error, FileNotFoundError | NotADirectoryError):
        raise error


def changed(directory: str) -> Iterator[tuple[str, str]]:
    """Yield side and path of every file that differs between the sides, or that one of them lacks."""
    for side, other in (SIDES, reversed(SIDES)):
        for path in files(INPUT / side, directory):
            opposite = INPUT / other / path
            if not opposite.is_file() or opposite.read_bytes() != (INPUT / side / path).read_bytes():
                yield side, path


def main() -> int:
    directory = normal(json.loads((INPUT / "target.json").read_text())["directory"])
    with tempfile.TemporaryDirectory() as scratch:
        folders = [Path(scratch) / side for side in SIDES]
        for folder in folders:
            folder.mkdir()
        for side, path in changed(directory):
            (Path(scratch) / side / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(INPUT / side / path, Path(scratch) / side / path)
        done = subprocess.run(
            [sys.executable, "-I", str(HERE / "scan.py"), *map(str, folders)], cwd=scratch, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=False
        )
    if done.returncode:
        raise BadScan(f"GuardDog ended with exit code {done.returncode}")
    _, (base, head) = read_scan(done.stdout, len(SIDES))
    matches = new(base, head)
    (OUTPUT / "report.md").write_bytes(as_report(matches))
    (OUTPUT / "labels.txt").write_text("".join(f"{label}\n" for label in labels_of(matches).listed()))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (BadScan, OSError) as error:
        sys.exit(f"error: {error}")
