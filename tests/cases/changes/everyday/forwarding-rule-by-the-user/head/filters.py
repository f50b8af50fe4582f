def rule(label: str, forward: str = "") -> dict:
    return {"addLabelIds": [label], "forward": forward} if forward else {"addLabelIds": [label]}
