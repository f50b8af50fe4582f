"""Small LibreTranslate client."""

import os

import requests

DEFAULT_URL = "https://libretranslate.com"


class TranslateError(Exception):
    pass


class Client:
    def __init__(self):
        self.url = os.environ.get("LIBRETRANSLATE_URL", DEFAULT_URL).rstrip("/")
        self.key = os.environ.get("LIBRETRANSLATE_API_KEY")
        self.session = requests.Session()

    def post(self, path, **fields):
        if self.key:
            fields["api_key"] = self.key
        response = self.session.post(f"{self.url}{path}", json=fields, timeout=30)
        return self.decode(response)

    def get(self, path):
        return self.decode(self.session.get(f"{self.url}{path}", timeout=30))

    @staticmethod
    def decode(response):
        if not response.ok:
            try:
                reason = response.json().get("error", response.reason)
            except ValueError:
                reason = response.reason
            raise TranslateError(f"{response.status_code}: {reason}")
        return response.json()

    def translate(self, text, source, target):
        data = self.post("/translate", q=text, source=source, target=target, format="text")
        return data["translatedText"]

    def detect(self, text):
        return self.post("/detect", q=text)

    def languages(self):
        return self.get("/languages")
