"""Reading and writing the task file."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TypedDict


class Task(TypedDict):
    id: int
    title: str
    due: str
    done: bool


def task_file() -> Path:
    return Path(os.environ.get("TASKLANE_FILE", "~/.tasklane.json")).expanduser()


def load_tasks() -> list[Task]:
    file = task_file()
    if not file.exists():
        return []
    return json.loads(file.read_text(encoding="utf-8"))


def save_tasks(tasks: list[Task]) -> None:
    """Write to a temporary file first, so a crash never leaves half a list."""
    file = task_file()
    temporary = file.with_suffix(".tmp")
    temporary.write_text(json.dumps(tasks, indent=2, ensure_ascii=False), encoding="utf-8")
    temporary.replace(file)


def next_task_id(tasks: list[Task]) -> int:
    return max((task["id"] for task in tasks), default=0) + 1


def find_task(tasks: list[Task], task_id: int) -> Task | None:
    return next((task for task in tasks if task["id"] == task_id), None)
