from datetime import date


def save(note: str) -> str:
    return note


MESSAGES = {"ru": "Заметка сохранена: API недоступен ⚠️", "el": "Η σημείωση αποθηκεύτηκε", "unit": "kΩ, µs"}
