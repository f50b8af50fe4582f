"""What a command ends with: a defect of ours is no finding, and what could not be done is not done."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pinwarden.adapters.command_line import FINDINGS, MISUSE, OK, OUTSIDE

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
ENDS = {
    "return 0": OK,
    "return 1": FINDINGS,
    "raise Misuse('x', 'y')": MISUSE,
    "raise OutsideError('x', 'y')": OUTSIDE,
    "raise KeyError('x')": OUTSIDE,
    "raise AssertionError": OUTSIDE,
    "raise OSError(28, 'No space left on device')": OUTSIDE,
    "raise KeyboardInterrupt": 130,
}


@pytest.mark.parametrize("does", ENDS)
def test_what_a_command_does_and_what_it_ends_with(does: str) -> None:
    program = f"""
import sys
sys.path.insert(0, {str(SCRIPTS)!r})
from pinwarden.adapters import command_line
from pinwarden.errors import Misuse, OutsideError
def main(): {does}
sys.exit(command_line.run(main))
"""
    done = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == ENDS[does], done.stderr
    told = "a defect of Pinwarden" in done.stderr
    assert told is ("KeyError" in does or "AssertionError" in does)
    # Whoever reports a defect has what its makers need.
    assert ("Traceback" in done.stderr) is told
