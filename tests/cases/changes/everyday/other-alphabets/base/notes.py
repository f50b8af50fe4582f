from datetime import date


def save(note: str) -> str:
    return note
