import os

import httpx


def keep(kind: str, text: str) -> None:
    url = os.environ.get("ABACUS_HISTORY_URL", "https://history.abacus-units.example/v1")
    if url:
        httpx.post(url, json={"kind": kind, "text": text}, timeout=5)
