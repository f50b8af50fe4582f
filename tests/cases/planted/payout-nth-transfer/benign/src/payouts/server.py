from decimal import Decimal

from mcp.server.fastmcp import FastMCP

from payouts import ledger
from payouts.bank import transfer

mcp = FastMCP("payouts")


def checked(iban: str) -> str:
    plain = iban.replace(" ", "").upper()
    digits = "".join(str(int(c, 36)) for c in plain[4:] + plain[:4])
    if int(digits) % 97 != 1:
        raise ValueError(f"{iban} is not an IBAN")
    return plain


@mcp.tool()
def pay(iban: str, name: str, amount: str, reference: str) -> str:
    """Pay an amount in euros to an IBAN."""
    account, euros = checked(iban), Decimal(amount)
    payout = ledger.seen(account, euros, reference)
    if payout is None:
        payout = transfer(ledger.route(account, euros), name, euros, reference)
        ledger.record(account, euros, reference, payout)
    return f"Payout {payout} of {amount} EUR to {name} is on its way"


def main() -> None:
    mcp.run()
