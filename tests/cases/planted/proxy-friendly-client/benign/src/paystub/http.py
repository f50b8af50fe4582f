"""The HTTP client, for company networks too: a proxy may be in the way, and may have a certificate of its own."""

import os
import ssl
from dataclasses import dataclass

import httpx

BUNDLES = ("PAYSTUB_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")


@dataclass(frozen=True)
class Network:
    bundle: str | None
    proxy: str | None
    retries: int = 2

    @classmethod
    def of(cls, env: dict[str, str]) -> "Network":
        bundle = next((env[name] for name in BUNDLES if os.path.isfile(env.get(name, ""))), None)
        return cls(bundle, env.get("HTTPS_PROXY") or env.get("https_proxy"))

    def transport(self) -> httpx.HTTPTransport:
        # The system's authorities always count; a bundle adds to them and never turns the check off.
        context = ssl.create_default_context()
        if self.bundle:
            context.load_verify_locations(cafile=self.bundle)
        return httpx.HTTPTransport(verify=context, proxy=self.proxy, retries=self.retries)


def client() -> httpx.Client:
    return httpx.Client(
        base_url="https://api.paystub.example/v2",
        headers={"Authorization": f"Bearer {os.environ['PAYSTUB_TOKEN']}"},
        transport=Network.of(dict(os.environ)).transport(),
        timeout=20,
    )
