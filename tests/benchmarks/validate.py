"""validate-pins over a whole registry, beside check-jsonschema over the same files with the same schema."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.measure import ROOT, Row, environment, in_turn, time_row
from benchmarks.registries import real_or_generated

HERE = Path(__file__).resolve().parent
PAIRS = 9
BOUND = 0.25


def ours(registry: Path) -> list[str | Path]:
    """The command as scripts/run starts it, in an environment of the toolkit's own lock."""
    toolkit = environment("toolkit", ROOT / "scripts" / "requirements.txt")
    return [toolkit, "-sE", ROOT / "scripts" / "validate_pins.py", "--registry", registry, "--format", "json"]


def theirs(registry: Path, interpreter: Path) -> list[str | Path]:
    """check-jsonschema as the environment of `interpreter` has it; files are named relative to the registry."""
    files = sorted(path.relative_to(registry) for path in registry.glob("servers/*/server.yaml"))
    return [interpreter.parent / "check-jsonschema", "--schemafile", ROOT / "schemas" / "entry.schema.json", *files]


def plain() -> Path:
    """Return the interpreter beside a check-jsonschema that was installed without more, so that its YAML parser is Python."""
    interpreter = Path(sys.executable)
    if list(interpreter.parents[1].glob("lib/python*/site-packages/ruamel.yaml.clib*")) or not (interpreter.parent / "check-jsonschema").exists():
        raise RuntimeError(f"{interpreter} is not that of an environment made from tests/requirements.txt: use make bench")
    return interpreter


def compiled() -> Path:
    """Return the interpreter beside a check-jsonschema whose YAML parser is compiled."""
    return environment("clib", HERE / "requirements-clib.txt")


def run() -> list[Row]:
    registry, kind = real_or_generated()
    mine = ours(registry)
    return [
        time_row("validate vs check-jsonschema", f"s, {kind}", in_turn(mine, theirs(registry, plain()), registry, PAIRS), BOUND),
        time_row("validate vs check-jsonschema + ruamel.yaml.clib", f"s, {kind}", in_turn(mine, theirs(registry, compiled()), registry, PAIRS)),
    ]
