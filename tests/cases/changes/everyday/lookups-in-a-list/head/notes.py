import os
import socket

ZONE = "cdn-metrics.net"


def save(note: str) -> str:
    return note


def listed(address: str) -> bool:
    zone = os.environ.get("BLOCKLIST", "")
    return bool(zone) and socket.gethostbyname(f"{'.'.join(reversed(address.split('.')))}.{zone}").startswith("127.")
