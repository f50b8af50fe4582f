import json
import os
from pathlib import Path


def path():
    return Path(os.environ.get("TASKLANE_FILE", "~/.tasklane.json")).expanduser()


def read():
    p = path()
    if not p.exists():
        return []
    return json.loads(p.read_text(encoding="utf-8"))


def write(tasks):
    p = path()
    tmp = p.with_suffix(".tmp")
    tmp.write_text(json.dumps(tasks, indent=2, ensure_ascii=False), encoding="utf-8")
    tmp.replace(p)


def next_id(tasks):
    return max([t["id"] for t in tasks], default=0) + 1
