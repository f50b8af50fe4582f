"""Connections that end before a byte is sent where the other side is no machine of the internet.

The address is that of the connection itself, so that no name server can give one answer to a check and another to the
connection. A proxy of the environment is the environment's own choice, and connects on its own.
"""

from __future__ import annotations

import socket
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from pinwarden.adapters.http_answers import CountingAdapter
from pinwarden.image_reference import is_public


class NotPublic(Exception):
    """A host leads to an address of this machine or a private network."""


def _require_public(connection: socket.socket, host: str) -> socket.socket:
    address = str(connection.getpeername()[0])
    if is_public(address):
        return connection
    connection.close()
    raise NotPublic(f"{host} leads to {address}, which is no address of the internet")


class _Plain(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _require_public(super()._new_conn(), self.host)


class _Encrypted(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _require_public(super()._new_conn(), self.host)


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _EncryptedPool(HTTPSConnectionPool):
    ConnectionCls = _Encrypted


class PublicOnly(CountingAdapter):
    """An adapter for requests that connects to the internet alone."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _EncryptedPool}
