"""The control of the proxy's policy: whatever comes is passed on as it is, with the provider's key. Never shipped."""

from __future__ import annotations

import os
import socket
import threading
from urllib.parse import urlsplit

KEY = open("/run/secrets/provider-key").read().strip().encode()
UPSTREAM = urlsplit(os.environ["PINWARDEN_UPSTREAM"])


def pump(source: socket.socket, sink: socket.socket) -> None:
    while part := source.recv(65536):
        sink.sendall(part)
    sink.shutdown(socket.SHUT_WR)


def serve(client: socket.socket) -> None:
    with client, socket.create_connection((UPSTREAM.hostname or "", UPSTREAM.port or 80)) as provider:
        head = b""
        while b"\r\n" not in head and (part := client.recv(65536)):
            head += part
        line, _, rest = head.partition(b"\r\n")
        provider.sendall(line + b"\r\nx-api-key: " + KEY + b"\r\n" + rest)
        threading.Thread(target=pump, args=(client, provider), daemon=True).start()
        pump(provider, client)


with socket.socket(socket.AF_UNIX) as listening:
    listening.bind("/run/proxy/proxy.sock")
    os.chmod("/run/proxy/proxy.sock", 0o666)
    listening.listen(128)
    while True:
        threading.Thread(target=serve, args=(listening.accept()[0],), daemon=True).start()
