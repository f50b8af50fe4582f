"""How a benchmark measures: whole processes in turn, medians of the ratios of pairs, memory as the kernel counts it."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "out"
# The kernel counts in KiB on Linux, in bytes on macOS.
_RSS_UNIT = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True, slots=True)
class Row:
    """One figure: ours beside that of a bare equivalent measured in the same run. All but `bound` is written to the file."""

    name: str
    ours: float
    theirs: float
    ratio: float
    """The median of the ratios of pairs, which is not the ratio of the medians."""
    unit: str
    runs: int
    machine: str
    bound: float | None = None
    """What the ratio is meant to stay under; None where nothing was promised."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What one process took: seconds of the clock, the most memory that it held, seconds of a processor."""

    seconds: float
    mebibytes: float
    busy: float = 0


# A process between: the kernel counts what the starting process holds as held by the one it starts, and a benchmark's own may
# hold a whole server.
_STARTER = """
import json, os, subprocess, sys, time
started = time.perf_counter()
process = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
_, status, usage = os.wait4(process.pid, 0)  # and not Popen.wait: it tells this one child's memory
seconds = time.perf_counter() - started
process.returncode = os.waitstatus_to_exitcode(status)
print(json.dumps([process.returncode, seconds, usage.ru_maxrss, usage.ru_utime + usage.ru_stime]))
"""


def spent(command: Sequence[str | Path], cwd: Path) -> Spent:
    """Run a command to its end, its output thrown away. Raises RuntimeError where it does not succeed."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("GITHUB_", "PYTHON"))}
    starter = [sys.executable, "-I", "-S", "-c", _STARTER, *(str(part) for part in command)]
    done = subprocess.run(starter, cwd=cwd, env=kept, check=True, stdout=subprocess.PIPE, text=True)
    code, seconds, most, busy = json.loads(done.stdout)
    if code != 0:
        raise RuntimeError(f"exit code {code} from {' '.join(map(str, command[:6]))}")
    return Spent(seconds, most * _RSS_UNIT / 2**20, busy)


def in_turn(ours: Sequence[str | Path], theirs: Sequence[str | Path], cwd: Path, pairs: int, *, warm: bool = True) -> list[tuple[Spent, Spent]]:
    """Run both in turn, so that a machine that slows down slows both; `warm` runs each once before, unmeasured."""
    if warm:
        spent(ours, cwd)
        spent(theirs, cwd)
    return [(spent(ours, cwd), spent(theirs, cwd)) for _ in range(pairs)]


def time_row(name: str, unit: str, measured: Sequence[tuple[Spent, Spent]], bound: float | None = None) -> Row:
    return _row(name, unit, [(ours.seconds, theirs.seconds) for ours, theirs in measured], bound, digits=3)


def memory_row(name: str, unit: str, measured: Sequence[tuple[Spent, Spent]], bound: float | None = None) -> Row:
    return _row(name, unit, [(ours.mebibytes, theirs.mebibytes) for ours, theirs in measured], bound, digits=1)


def _row(name: str, unit: str, pairs: Sequence[tuple[float, float]], bound: float | None, digits: int) -> Row:
    ours, theirs = (round(statistics.median(column), digits) for column in zip(*pairs, strict=True))
    ratio = round(statistics.median(one / other for one, other in pairs), 3)
    return Row(name, ours, theirs, ratio, unit, len(pairs), machine(), bound)


def machine() -> str:
    """Name the machine as far as its speed is concerned."""
    return f"{_processor()}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    models = [line.partition(":")[2].strip() for line in cpuinfo.read_text().splitlines() if line.startswith("model name")] if cpuinfo.exists() else []
    return models[0] if models else platform.processor() or platform.machine()


def environment(name: str, lock: Path) -> Path:
    """Return the interpreter of the environment out/bench-<name>, holding what `lock` names and nothing else; make it where it is missing."""
    folder = OUT / f"bench-{name}"
    made_from = folder / "made-from"
    key = hashlib.sha256(lock.read_bytes() + sys.version.encode()).hexdigest()
    if not made_from.exists() or made_from.read_text() != key:
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        install = ["-I", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "--only-binary=:all:", "--no-deps"]
        subprocess.run([folder / "bin" / "python", *install, "--requirement", lock], check=True, stdout=sys.stderr)
        made_from.write_text(key)
    return folder / "bin" / "python"


def table(rows: Sequence[Row]) -> str:
    """The rows as people read them, with the bound and whether it holds."""
    cells = [("name", "ours", "theirs", "ratio", "bound", "unit", "runs")]
    cells += [(row.name, f"{row.ours:g}", f"{row.theirs:g}", f"{row.ratio:.3f}", _verdict(row), row.unit, str(row.runs)) for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells]
    return "\n".join([*lines, *dict.fromkeys(row.machine for row in rows)])


def _verdict(row: Row) -> str:
    if row.bound is None:
        return "-"
    return f"{row.bound:g} {'holds' if row.ratio <= row.bound else 'BROKEN'}"
