"""An environment of an agent's own, made from its lock as the launcher makes the toolkit's."""

from __future__ import annotations

import hashlib
import os
import stat
import subprocess
import sys
from pathlib import Path

from pinwarden.errors import OutsideError

_SCRIPTS = Path(__file__).resolve().parents[2]
_KEPT = ("PATH", "HOME", "TMPDIR", "LANG")
_KEPT_FOR_PIP = ("PIP_", "SSL_CERT_", "REQUESTS_CA_BUNDLE", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy")


def private_cache() -> Path:
    """Return the folder where environments and other things of ours lie, made where it is missing. Raises OutsideError where it is not ours alone."""
    cache = Path(os.environ.get("RUNNER_TEMP") or os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "pinwarden"
    cache.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = cache.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid() or status.st_mode & 0o077:
        raise OutsideError(f"{cache} is not a private folder of yours", "remove it, chmod 700 it, or set XDG_CACHE_HOME")
    return cache


def python_for(lock: Path) -> Path:
    """Return the interpreter of the environment for the lock file `lock`, made where it is missing. Raises OutsideError."""
    base = os.path.realpath(sys.executable)
    cache = private_cache()
    parts = (lock.read_bytes(), sys.version.encode(), base.encode(), os.uname().machine.encode())
    place = cache / hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]
    if not (place / "complete").is_file():
        environment = {key: value for key, value in os.environ.items() if key in _KEPT or key.startswith(_KEPT_FOR_PIP)}
        environment |= {"PYTHON": base, "HERE": str(lock.parent), "VENV": str(place)}
        made = subprocess.run(["sh", str(_SCRIPTS / "make-environment")], env=environment, stdout=sys.stderr.fileno(), stdin=subprocess.DEVNULL, check=False)
        if made.returncode:
            raise OutsideError(f"the environment of {lock.parent.name} could not be made", "what is said above tells why; is the package index reachable?")
    return place / "bin" / "python"
