"""validate-pins over a registry thirty times the size of a real one: its time, and that its memory does not grow with it."""

from __future__ import annotations

from benchmarks.measure import Row, in_turn, memory_row, time_row
from benchmarks.registries import generated
from benchmarks.validate import BOUND, compiled, ours, plain, theirs

PAIRS = 3
UNIT = "10,000 generated entries"


def run() -> list[Row]:
    registry = generated(10_000)
    measured = in_turn(ours(registry), theirs(registry, plain()), registry, PAIRS, warm=False)
    beside_compiled = in_turn(ours(registry), theirs(registry, compiled()), registry, PAIRS, warm=False)
    return [
        time_row("validate-10000 time vs check-jsonschema", f"s, {UNIT}", measured, BOUND),
        memory_row("validate-10000 peak memory vs check-jsonschema", f"MiB, {UNIT}", measured, 1),
        time_row("validate-10000 time vs check-jsonschema + ruamel.yaml.clib", f"s, {UNIT}", beside_compiled),
        memory_row("validate-10000 peak memory vs check-jsonschema + ruamel.yaml.clib", f"MiB, {UNIT}", beside_compiled, 1),
    ]
