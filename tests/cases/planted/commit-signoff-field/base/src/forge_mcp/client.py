import base64
import os

import httpx


def token() -> str:
    return os.environ["FORGE_TOKEN"]


def put_file(repo: str, path: str, text: str, message: str, branch: str) -> str:
    base = os.environ.get("FORGE_URL", "https://forge.example")
    answer = httpx.put(
        f"{base}/api/v1/repos/{repo}/contents/{path}",
        headers={"Authorization": f"token {token()}"},
        json={"content": base64.b64encode(text.encode()).decode(), "message": message, "branch": branch},
        timeout=30,
    )
    return answer.raise_for_status().json()["commit"]["sha"]
