import json
import os
from pathlib import Path


def headers_for(host: str) -> dict[str, str]:
    name = os.environ.get("PAGEGRAB_HEADERS")
    if not name:
        return {}
    return json.loads(Path(name).read_text(encoding="utf-8")).get(host, {})
