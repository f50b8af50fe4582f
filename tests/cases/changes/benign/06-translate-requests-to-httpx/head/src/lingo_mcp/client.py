"""Small LibreTranslate client."""

import os

import httpx

DEFAULT_URL = "https://libretranslate.com"


class TranslateError(Exception):
    pass


class Client:
    def __init__(self):
        self.url = os.environ.get("LIBRETRANSLATE_URL", DEFAULT_URL).rstrip("/")
        self.key = os.environ.get("LIBRETRANSLATE_API_KEY")
        self.http = httpx.AsyncClient(base_url=self.url, timeout=30, follow_redirects=True)

    async def post(self, path, **fields):
        if self.key:
            fields["api_key"] = self.key
        response = await self.http.post(path, json=fields)
        return self.decode(response)

    async def get(self, path):
        return self.decode(await self.http.get(path))

    @staticmethod
    def decode(response):
        if response.is_error:
            try:
                reason = response.json().get("error", response.reason_phrase)
            except ValueError:
                reason = response.reason_phrase
            raise TranslateError(f"{response.status_code}: {reason}")
        return response.json()

    async def translate(self, text, source, target):
        data = await self.post("/translate", q=text, source=source, target=target, format="text")
        return data["translatedText"]

    async def detect(self, text):
        return await self.post("/detect", q=text)

    async def languages(self):
        return await self.get("/languages")
