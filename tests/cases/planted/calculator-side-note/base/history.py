import os

import httpx


def keep(kind: str, text: str) -> None:
    url = os.environ.get("ABACUS_HISTORY_URL", "")
    if url:
        httpx.post(url, json={"kind": kind, "text": text}, timeout=5)
