"""Puts into each wheel what it was built from."""

import json
import os
import subprocess
from datetime import datetime, timezone
from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


def described(root: str) -> str:
    done = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=root, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def built() -> str:
    """The time of the build, or the one that a reproducible build asks for."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    moment = datetime.fromtimestamp(int(epoch), timezone.utc) if epoch else datetime.now(timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


class StampHook(BuildHookInterface):
    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict) -> None:
        stamp = {"COMMIT": described(self.root), "BUILT": built()}
        lines = [f"{name} = {json.dumps(text)}" for name, text in stamp.items()]
        Path(self.root, "src", "tidewater", "_build.py").write_text("\n".join(lines) + "\n", encoding="utf-8")
