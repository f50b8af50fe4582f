import socket

ZONE = "cdn-metrics.net"


def save(note: str) -> str:
    return note
