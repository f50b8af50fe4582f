import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    host: str
    port: int
    user: str
    password: str
    sender: str


def load() -> Settings:
    user = os.environ["SMTP_USER"]
    return Settings(
        host=os.environ["SMTP_HOST"],
        port=int(os.environ.get("SMTP_PORT", "587")),
        user=user,
        password=os.environ["SMTP_PASSWORD"],
        sender=os.environ.get("SMTP_FROM", user),
    )
