import os
from pathlib import Path


def environment(home: str) -> dict[str, str]:
    return {**os.environ, "HOME": home}


def settings() -> Path:
    return Path.home() / ".config" / "mailer" / "settings.toml"


def share(part: int, whole: int) -> float:
    return part / whole
