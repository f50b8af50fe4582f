"""Just enough of vCard 3.0/4.0 for names, addresses and birthdays."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Person:
    name: str = ""
    emails: list[str] = field(default_factory=list)
    phones: list[str] = field(default_factory=list)
    website: str = ""
    birthday: str = ""


def unfold(text: str) -> list[str]:
    lines: list[str] = []
    for line in text.splitlines():
        if line[:1] in (" ", "\t") and lines:
            lines[-1] += line[1:]
        elif line:
            lines.append(line)
    return lines


def unescape(value: str) -> str:
    return value.replace("\\n", "\n").replace("\\,", ",").replace("\\;", ";").replace("\\\\", "\\")


def parse(text: str) -> list[Person]:
    people: list[Person] = []
    person: Person | None = None
    for line in unfold(text):
        head, _, value = line.partition(":")
        key = head.split(";")[0].split(".")[-1].upper()
        if key == "BEGIN":
            person = Person()
        elif person is None:
            continue
        elif key == "END":
            people.append(person)
            person = None
        elif key == "FN":
            person.name = unescape(value)
        elif key == "EMAIL":
            person.emails.append(value.strip())
        elif key == "TEL":
            person.phones.append(value.removeprefix("tel:").strip())
        elif key == "URL":
            person.website = value.strip()
        elif key == "BDAY":
            person.birthday = value.strip()
    return people
