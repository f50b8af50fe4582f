"""Runs the real cosign with the key pair in `$SHARED_COSIGN`, where Fulcio would make a certificate and Rekor an entry.

Who signs is a signed annotation here, where a certificate would name it, and is demanded when a signature is verified.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

IDENTITY, ISSUER = "--certificate-identity=", "--certificate-oidc-issuer=https://token.actions.githubusercontent.com"
BY_DIGEST = re.compile(r"[^@]+@sha256:[0-9a-f]{64}")


def main() -> None:
    keys = Path(os.environ["SHARED_COSIGN"])
    match sys.argv[1:]:
        case ["sign", "--yes", reference] if BY_DIGEST.fullmatch(reference):
            signer = "{GITHUB_SERVER_URL}/{GITHUB_REPOSITORY}/.github/workflows/release.yml@{GITHUB_REF}".format_map(os.environ)
            arguments = ["sign", "--yes", f"--key={keys / 'signer.key'}", "--tlog-upload=false", f"--annotations=identity={signer}", reference]
        case ["verify", identity, issuer, reference] if identity.startswith(IDENTITY) and issuer == ISSUER and BY_DIGEST.fullmatch(reference):
            demanded = f"--annotations=identity={identity.removeprefix(IDENTITY)}"
            arguments = ["verify", f"--key={keys / 'signer.pub'}", "--insecure-ignore-tlog=true", demanded, reference]
        case other:
            sys.exit(f"::error::cosign is not asked so: {other}")
    os.execve(keys / "cosign", ["cosign", *arguments], {**os.environ, "COSIGN_PASSWORD": ""})


main()
