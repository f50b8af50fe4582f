from datetime import date


def save(note: str) -> str:
    return note


def sаve(note: str) -> str:
    return note + note
