"""Certificates as Fulcio gives them out for an identity, of an authority and a certificate log of our own.

The log's word is part of the certificate (RFC 6962, 3.2 and 3.3): cosign takes none without it.
"""

from __future__ import annotations

import hashlib
import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_ISSUER = x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.1")
_TIMESTAMPS = x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")
_LONG = timedelta(days=3650)


class Authority:
    """Gives out certificates; `variables` make cosign take it for the one to trust."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key, self._log = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "authority of the tests")])
        now = datetime.now(UTC)
        root = (
            x509.CertificateBuilder(self._name, self._name, self._key.public_key(), x509.random_serial_number(), now - timedelta(days=1), now + _LONG)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs_certificates=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self._key.public_key()), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        self.root, log = folder / "root.pem", folder / "certificate-log.pub"
        self.root.write_bytes(root.public_bytes(serialization.Encoding.PEM))
        log.write_bytes(self._log.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo))
        self.variables = {"SIGSTORE_ROOT_FILE": str(self.root), "SIGSTORE_CT_LOG_PUBLIC_KEY_FILE": str(log)}

    def certify(self, public: Path, identity: str, issuer: str) -> Path:
        """Return the file of a certificate that says: `issuer` told that the holder of the key in `public` is `identity`."""
        key = serialization.load_pem_public_key(public.read_bytes())
        assert isinstance(key, ec.EllipticCurvePublicKey)
        now = datetime.now(UTC)
        unlogged = (
            x509.CertificateBuilder(self._name, x509.Name([]), key, x509.random_serial_number(), now - timedelta(hours=1), now + _LONG)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
            .add_extension(x509.SubjectAlternativeName([x509.UniformResourceIdentifier(identity)]), critical=True)
            .add_extension(x509.UnrecognizedExtension(_ISSUER, issuer.encode()), critical=False)
        )
        timestamps = self._logged(unlogged.sign(self._key, hashes.SHA256()).tbs_certificate_bytes, now)
        certificate = unlogged.add_extension(x509.UnrecognizedExtension(_TIMESTAMPS, timestamps), critical=False).sign(self._key, hashes.SHA256())
        file = self._folder / "certificate.pem"
        file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        return file

    def _logged(self, content: bytes, now: datetime) -> bytes:
        """Return the list of one timestamp by the log over a certificate's content."""
        at = struct.pack(">Q", int(now.timestamp() * 1000))
        signed = b"\0\0" + at + b"\0\1" + hashlib.sha256(_public(self._key)).digest() + struct.pack(">I", len(content))[1:] + content + b"\0\0"
        signature = self._log.sign(signed, ec.ECDSA(hashes.SHA256()))
        timestamp = b"\0" + hashlib.sha256(_public(self._log)).digest() + at + b"\0\0" + b"\4\3" + struct.pack(">H", len(signature)) + signature
        listed = struct.pack(">HH", len(timestamp) + 2, len(timestamp)) + timestamp
        # An OCTET STRING of less than 256 bytes.
        assert 127 < len(listed) < 256 or len(listed) < 128
        return b"\4" + (b"\x81" if len(listed) > 127 else b"") + bytes([len(listed)]) + listed


def _public(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )
