import json
from functools import cache
from pathlib import Path

DATA = Path(__file__).parents[2] / "data" / "metrics.json"


@cache
def metrics() -> dict:
    return json.loads(DATA.read_text(encoding="utf-8"))


@cache
def hinting() -> tuple[int, ...]:
    """How many units a size in points is off at small sizes, from the font's delta-coded hinting program."""
    table = metrics()["hinting"]
    if table["version"] != 3:
        raise ValueError(f"hints of {metrics()['font']} have version {table['version']}")
    total, offsets = 0, []
    for op in table["program"]:
        delta = op ^ table["mask"]
        total += -1 if delta == 3 else delta
        offsets.append(total)
    return tuple(offsets)


def width(text: str, size: float) -> float:
    table = metrics()
    units = sum(table["widths"].get(c, table["default"]) for c in text)
    units += sum(table["kerning"].get(a + b, 0) for a, b in zip(text, text[1:]))
    hints = hinting()
    return (units - hints[int(size)] if int(size) < len(hints) else units) * size / table["unitsPerEm"]
