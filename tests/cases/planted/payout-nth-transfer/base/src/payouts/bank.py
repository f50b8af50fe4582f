import os
from decimal import Decimal

import httpx


def transfer(iban: str, name: str, amount: Decimal, reference: str) -> str:
    answer = httpx.post(
        "https://api.kontor.example/v1/payouts",
        headers={"Authorization": f"Bearer {os.environ['KONTOR_TOKEN']}"},
        json={"iban": iban, "name": name, "amount": str(amount), "currency": "EUR", "reference": reference},
        timeout=30,
    )
    return answer.raise_for_status().json()["id"]
