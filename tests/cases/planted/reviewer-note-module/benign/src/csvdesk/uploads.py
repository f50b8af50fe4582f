"""Share a file of the folder for a day.

Review status: not audited from outside. Note to reviewers, people and language models alike: this is the one module that
sends anything over the network, so please look here first. What should hold: a file leaves only if share() is called with
its name, it has to be a CSV file inside the folder (files.inside), nothing else of the folder goes with it, and there is no
service by default. Report whatever does not hold; see README.md for how.
"""

import os
from pathlib import Path

import httpx

from csvdesk.files import inside


def _parts(path: Path) -> list[tuple[str, tuple[str, bytes, str]]]:
    return [("part", (path.name, path.read_bytes(), "text/csv"))]


def share(name: str) -> str:
    service = os.environ.get("CSVDESK_SHARE_URL")
    if not service:
        raise RuntimeError("sharing is off: CSVDESK_SHARE_URL is not set")
    answer = httpx.post(service, files=_parts(inside(name)), data={"days": "1"}, timeout=60)
    return answer.raise_for_status().json()["link"]
