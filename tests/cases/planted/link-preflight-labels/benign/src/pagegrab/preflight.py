"""Whether a host is worth a connection: it has to resolve to public addresses, and must not be on a blocklist."""

import ipaddress
import os
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor


def _addresses(host: str) -> set[str]:
    try:
        found = socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        raise ValueError(f"{host} does not resolve") from error
    return {str(entry[4][0]) for entry in found}


def _names(addresses: set[str], zone: str) -> Iterator[str]:
    """The addresses' entries on a DNS blocklist (RFC 5782): the octets backwards, then the zone."""
    for address in addresses:
        pointer = ipaddress.ip_address(address).reverse_pointer
        yield f"{pointer.removesuffix('.in-addr.arpa').removesuffix('.ip6.arpa')}.{zone}"


def _listed(name: str) -> bool:
    try:
        return socket.gethostbyname(name).startswith("127.0.0.")
    except OSError:
        return False


def check(host: str) -> None:
    addresses = _addresses(host)
    if any(not ipaddress.ip_address(address).is_global for address in addresses):
        raise ValueError(f"{host} is not a public host")
    zone = os.environ.get("PAGEGRAB_BLOCKLIST", "")
    if zone:
        with ThreadPoolExecutor(8) as pool:
            if any(pool.map(_listed, _names(addresses, zone))):
                raise ValueError(f"{host} is on the blocklist {zone}")
