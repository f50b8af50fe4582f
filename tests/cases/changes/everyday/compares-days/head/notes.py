from datetime import date, datetime, timedelta


def save(note: str) -> str:
    return note


def stale(written: datetime) -> bool:
    return datetime.now() - written > timedelta(days=1)


def before(one: str, other: str) -> bool:
    return date.fromisoformat(one) < date.fromisoformat(other)
