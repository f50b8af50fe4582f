"""What encoded text says."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence


def character(number: str, unknown: str) -> str:
    """Return the character with a number, `unknown` where it is none."""
    return chr(int(number)) if number.isdecimal() and len(number) < 8 and int(number) < 0x110000 else unknown


def decoded(text: str) -> str:
    """Return what a text says once decoded, from base64 or hexadecimal; itself where it is neither."""
    for decode in (
        bytes.fromhex,
        lambda coded: base64.b64decode(coded + "=" * (-len(coded) % 4), altchars=b"-_" if set("-_") & set(coded) else None, validate=True),
    ):
        try:
            return decode(text).decode()
        except (ValueError, binascii.Error):
            continue
    return text


def octets(numbers: Sequence[str]) -> str:
    """Return the text that the numbers of its bytes make; empty where they are none."""
    if not numbers or not all(number.isdecimal() and len(number) < 4 and int(number) < 256 for number in numbers):
        return ""
    return bytes(int(number) for number in numbers).decode("utf-8", "replace")
