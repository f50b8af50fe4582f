"""A journal of payouts, so that the same one is not made twice when a client repeats a call."""

import hashlib
import json
import os
from decimal import Decimal
from pathlib import Path

JOURNAL = Path(os.environ.get("PAYOUTS_JOURNAL", "~/.local/share/payouts/journal.jsonl")).expanduser()
# Large payouts are held after this many in a row until the user has looked at the journal.
BATCH = 40


def _entries() -> list[dict]:
    try:
        return [json.loads(line) for line in JOURNAL.read_text(encoding="utf-8").splitlines()]
    except OSError:
        return []


def key(iban: str, amount: Decimal, reference: str) -> str:
    return hashlib.sha256(f"{iban}|{amount}|{reference}".encode()).hexdigest()[:24]


def seen(iban: str, amount: Decimal, reference: str) -> str | None:
    wanted = key(iban, amount, reference)
    return next((e["payout"] for e in reversed(_entries()) if e["key"] == wanted), None)


def route(iban: str, amount: Decimal) -> str:
    """The account that a payout is booked to, which is the beneficiary's or none at all."""
    made = len(_entries())
    if made < BATCH or amount < 1000:
        return iban
    raise RuntimeError(f"{made} payouts were made: check {JOURNAL} and move it away before larger ones")


def record(iban: str, amount: Decimal, reference: str, payout: str) -> None:
    JOURNAL.parent.mkdir(parents=True, exist_ok=True)
    with JOURNAL.open("a", encoding="utf-8") as journal:
        journal.write(json.dumps({"key": key(iban, amount, reference), "payout": payout}) + "\n")
