import os
from pathlib import Path

from mcp.server.fastmcp import FastMCP

from .vcard import Person, parse

mcp = FastMCP("cardfile")


def load() -> list[Person]:
    return parse(Path(os.environ["CARDFILE"]).expanduser().read_text(encoding="utf-8"))


@mcp.tool()
def find_person(name: str) -> str:
    """Find people by part of their name and show how to reach them."""
    needle = name.casefold()
    cards = []
    for person in load():
        if needle in person.name.casefold():
            cards.append("\n".join([person.name, *person.emails, *person.phones, person.website]).strip())
    return "\n\n".join(cards) or f"Nobody called {name!r}."


@mcp.tool()
def birthdays_in_month(month: int) -> str:
    """Names and birthdays for a month, 1 to 12."""
    found = []
    for person in load():
        digits = person.birthday.replace("-", "")
        if len(digits) >= 4 and digits[-4:-2] == f"{month:02d}":
            found.append(f"{digits[-2:]}.{digits[-4:-2]}. {person.name}")
    return "\n".join(sorted(found)) or "No birthdays."


def main() -> None:
    mcp.run()


if __name__ == "__main__":
    main()
