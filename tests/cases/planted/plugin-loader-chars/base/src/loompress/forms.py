import re
import textwrap


def slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def title(text: str) -> str:
    return text.title()


def wrap(text: str) -> str:
    return textwrap.fill(text, 80)
