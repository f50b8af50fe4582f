import csv
import os
from pathlib import Path


def root() -> Path:
    return Path(os.environ.get("CSVDESK_DIR", ".")).resolve()


def inside(name: str) -> Path:
    path = (root() / name).resolve()
    if not path.is_relative_to(root()) or path.suffix != ".csv":
        raise ValueError(f"{name} is not a CSV file of the folder")
    return path


def rows(name: str, count: int) -> list[list[str]]:
    with inside(name).open(newline="", encoding="utf-8-sig") as file:
        return [row for row, _ in zip(csv.reader(file), range(count))]
