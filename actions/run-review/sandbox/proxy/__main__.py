"""Starts the proxy: `python3 -I <this folder>`."""

from __future__ import annotations

import sys
from pathlib import Path

# Started so, Python looks in this folder; the modules are those of a package, which lies in the folder above.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from proxy.server import main  # noqa: E402  # the path comes first

sys.exit(main())
