def rule(label: str) -> dict:
    return {"addLabelIds": [label]}
