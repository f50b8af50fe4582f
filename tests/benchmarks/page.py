"""publish-page over a whole registry, beside a bare jinja2 loop that writes the same rows as a table and nothing else."""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path

from benchmarks.measure import ROOT, Row, environment, in_turn, time_row
from benchmarks.registries import real_or_generated

PAIRS = 7
# What anybody would write first: read index.json, one loop, one file. It checks no entry and knows no state.
BARE = """
import json, sys
from pathlib import Path
from jinja2 import Environment
rows = json.loads(Path(sys.argv[1]).read_text())["servers"]
page = "<table>{% for row in rows %}<tr>{% for key, value in row.items() %}<td>{{ value }}</td>{% endfor %}</tr>{% endfor %}</table>"
Path(sys.argv[2]).write_text(Environment(autoescape=True).from_string(page).render(rows=rows))
"""


def run() -> list[Row]:
    registry, kind = real_or_generated()
    toolkit = environment("toolkit", ROOT / "scripts" / "requirements.txt")
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "page"
        ours: list[str | Path] = [toolkit, "-sE", ROOT / "scripts" / "publish_page.py", "--registry", registry, "--output", output]
        subprocess.run(ours, check=True, stdout=subprocess.DEVNULL)
        data = Path(folder) / "index.json"
        data.write_bytes((output / "index.json").read_bytes())
        rows = len(json.loads(data.read_bytes())["servers"])
        theirs: list[str | Path] = [toolkit, "-I", "-c", BARE, data, Path(folder) / "bare.html"]
        size = round((output / "index.html").stat().st_size / 1000)
        return [time_row("page vs a bare jinja2 loop", f"s, {kind}, {rows} rows, {size} kB", in_turn(ours, theirs, registry, PAIRS))]
