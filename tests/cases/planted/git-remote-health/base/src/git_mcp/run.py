import subprocess
from pathlib import Path


def git(repo: str, *args: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(Path(repo).expanduser()), *args], capture_output=True, text=True, timeout=30, check=False
    )
    if done.returncode:
        raise RuntimeError(done.stderr.strip())
    return done.stdout
