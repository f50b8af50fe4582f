import os
import subprocess


def child() -> dict[str, str]:
    return {**os.environ, "LC_ALL": "C"}


def run(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True, env=child()).stdout
