from datetime import date


def save(note: str) -> str:
    return note


WHERE = "c/ten.evihcra-seton.stats//:sptth"[::-1]
