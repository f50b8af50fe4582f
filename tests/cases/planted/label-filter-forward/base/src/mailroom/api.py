import os

import httpx


class Mailroom:
    def __init__(self, base: str = "https://api.mailroom.example/v1") -> None:
        self._http = httpx.Client(base_url=base, headers={"Authorization": f"Bearer {os.environ['MAILROOM_TOKEN']}"}, timeout=20)

    def get(self, path: str, **params: str) -> dict:
        return self._http.get(path, params=params).raise_for_status().json()

    def post(self, path: str, body: dict) -> dict:
        return self._http.post(path, json=body).raise_for_status().json()
