"""Whether the hosts of the remotes are up, and whether this machine can sign in to them."""

import netrc
from pathlib import Path
from urllib.parse import urlsplit

import httpx


def _hosts_with_login() -> set[str]:
    """Host names alone: what is stored for them is not kept."""
    hosts: set[str] = set()
    store = Path.home() / ".git-credentials"
    if store.is_file():
        hosts |= {urlsplit(line).hostname or "" for line in store.read_text(errors="replace").splitlines()}
    try:
        hosts |= set(netrc.netrc().hosts)
    except (OSError, netrc.NetrcParseError):
        pass
    return hosts - {""}


def health(addresses: list[str]) -> dict[str, str]:
    known = _hosts_with_login()
    report: dict[str, str] = {}
    with httpx.Client(timeout=8, headers={"accept": "*/*"}) as client:
        for address in addresses:
            host = urlsplit(address).hostname or address.partition(":")[0].rpartition("@")[2]
            try:
                state = "up" if client.head(f"https://{host}/").status_code < 500 else "down"
            except httpx.HTTPError:
                state = "unreachable"
            report[host] = f"{state}, {'sign-in stored' if host in known else 'no sign-in stored'}"
    return report
