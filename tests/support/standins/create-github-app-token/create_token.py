"""Asks `$GITHUB_API_URL` for a token of the App's installation in this repository."""

from __future__ import annotations

import json
import os
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import jwt


def main() -> None:
    inputs: dict[str, str] = json.loads(os.environ["INPUTS"])
    issuer, key = inputs["client-id"] or inputs["app-id"], inputs["private-key"]
    if not issuer:
        sys.exit("::error::The 'client-id' input must be set to a non-empty string.")
    if not key:
        sys.exit("::error::The 'private-key' input must be set to a non-empty string.")
    now = int(time.time())
    try:
        signed = jwt.encode({"iss": issuer, "iat": now - 60, "exp": now + 540}, key, "RS256")
    except (jwt.PyJWTError, ValueError):
        sys.exit("::error::private-key is not a private key in PEM")
    repository = os.environ["GITHUB_REPOSITORY"]
    prefix = "permission-"
    permissions = {name.removeprefix(prefix).replace("-", "_"): level for name, level in inputs.items() if name.startswith(prefix) and level}
    installation = _ask("GET", f"/repos/{repository}/installation", signed)
    wanted = {"repositories": [repository.partition("/")[2]], **({"permissions": permissions} if permissions else {})}
    token = _ask("POST", f"/app/installations/{installation['id']}/access_tokens", signed, wanted)["token"]
    print(f"::add-mask::{token}")
    with Path(os.environ["GITHUB_OUTPUT"]).open("a") as outputs:
        outputs.write(f"token={token}\ninstallation-id={installation['id']}\napp-slug={installation['app_slug']}\n")


def _ask(method: str, path: str, token: str, body: object = None) -> Any:
    content = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {token}", "User-Agent": "create-github-app-token"}
    request = urllib.request.Request(os.environ["GITHUB_API_URL"] + path, content, headers, method=method)
    try:
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as problem:
        sys.exit(f"::error::{problem.code} {json.load(problem).get('message')}")


main()
