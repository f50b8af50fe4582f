"""The benchmarks' own arithmetic and command; nothing is measured here and no time is asserted."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.measure import Row, Spent, memory_row, spent, table, time_row
from benchmarks.run import BENCHMARKS

RUN = Path(__file__).with_name("run.py")


@pytest.mark.parametrize("arguments", [["validate", "validate"], ["no-such"], ["--help"]])
def test_an_unknown_name_is_refused_and_the_known_ones_are_told(arguments: list[str]) -> None:
    done = subprocess.run([sys.executable, str(RUN), *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert f"name one of: {', '.join(BENCHMARKS)}" in done.stderr


def test_every_benchmark_is_a_module() -> None:
    assert [name for name in BENCHMARKS if not RUN.with_name(f"{name.replace('-', '_')}.py").is_file()] == []


def test_a_ratio_is_the_median_of_the_ratios_of_pairs() -> None:
    measured = [(Spent(1, 10), Spent(2, 40)), (Spent(1, 10), Spent(10, 40)), (Spent(9, 10), Spent(10, 20))]
    row = time_row("name", "s", measured)
    assert (row.ours, row.theirs, row.ratio, row.runs) == (1, 10, 0.5, 3)
    assert memory_row("name", "MiB", measured).ratio == 0.25


def test_the_table_tells_whether_a_bound_holds() -> None:
    rows = [Row("a", 1, 4, 0.25, "s", 7, "machine", bound) for bound in (0.25, 0.2, None)]
    assert [line.split()[4:6] for line in table(rows).splitlines()[1:4]] == [["0.25", "holds"], ["0.2", "BROKEN"], ["-", "s"]]


def test_a_process_is_measured_by_itself(tmp_path: Path) -> None:
    """And not by what the process holds that starts it."""
    ballast = b"x" * 300_000_000
    small = spent([sys.executable, "-c", ""], tmp_path)
    large = spent([sys.executable, "-c", "b'x' * 200_000_000"], tmp_path)
    assert large.mebibytes - small.mebibytes > 100
    assert ballast.endswith(b"x")


def test_a_failing_process_is_no_measurement(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="exit code 3"):
        spent([sys.executable, "-c", "raise SystemExit(3)"], tmp_path)
