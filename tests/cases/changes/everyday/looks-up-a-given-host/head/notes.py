import socket


def public(host: str) -> bool:
    return not socket.gethostbyname(host).startswith("10.")
