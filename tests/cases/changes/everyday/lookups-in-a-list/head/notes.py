import os
import socket

ZONE = "cdn-metrics.net"


def save(note: str) -> str:
    return note


def listed(address: str) -> bool:
    zone = os.environ.get("BLOCKLIST", "")
    name = ".".join([*reversed(address.split(".")), zone])
    return bool(zone) and socket.gethostbyname(name).startswith("127.")
