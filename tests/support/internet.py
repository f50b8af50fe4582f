"""Hosts of the internet on this machine: a proxy that ends their encryption itself, with certificates of its own authority.

with Internet(folder, {"registry-1.docker.io": registry, "auth.docker.io": registry}) as internet:
    run_command(…, given=internet.variables)
    assert internet.hosts == ["registry-1.docker.io", "auth.docker.io"]
"""

from __future__ import annotations

import ssl
import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from support.odd_registry import OddRegistry


class Internet:
    """Answers for `hosts`, and for nobody else; `variables` lead a process here."""

    def __init__(self, folder: Path, hosts: Mapping[str, OddRegistry]) -> None:
        self.asked: list[str] = []
        """The hosts that somebody wanted to reach, in order."""
        certificate = _certificate(folder, list(hosts))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        internet = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            host = ""

            def do_CONNECT(self) -> None:
                self.host = self.path.rpartition(":")[0]
                internet.asked.append(self.host)
                if self.host not in hosts:
                    self.send_error(502)
                    return
                self.send_response(200)
                self.end_headers()
                self.wfile.flush()
                self.connection = context.wrap_socket(self.connection, server_side=True)
                self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb")
                self.close_connection = False

            def do_GET(self) -> None:
                hosts[self.host].answer(self)
                self.wfile.flush()

            def do_HEAD(self) -> None:
                self.do_GET()

            def finish(self) -> None:
                self.rfile.close()
                self.wfile.close()
                self.connection.close()

            def log_message(self, *args: object) -> None:
                """Say nothing: `asked` holds it all."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05})
        self.variables = {"HTTPS_PROXY": f"http://127.0.0.1:{self._http.server_address[1]}", "REQUESTS_CA_BUNDLE": str(certificate), "no_proxy": ""}

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


def _certificate(folder: Path, hosts: list[str]) -> Path:
    """Return a file with a key and its own certificate for all hosts."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "internet of the tests")])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now - timedelta(days=1), now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "internet.pem"
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(pem + certificate.public_bytes(serialization.Encoding.PEM))
    return file
