import json
from functools import cache
from pathlib import Path

DATA = Path(__file__).parents[2] / "data" / "metrics.json"


@cache
def metrics() -> dict:
    return json.loads(DATA.read_text(encoding="utf-8"))


def width(text: str, size: float) -> float:
    table = metrics()
    units = sum(table["widths"].get(c, table["default"]) for c in text)
    return units * size / table["unitsPerEm"]
