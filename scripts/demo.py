"""demo: the main job on a throwaway registry of seven entries. Needs git and nothing else: no network, key or engine."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from pinwarden.adapters import command_line, demo_upstreams
from pinwarden.adapters.environment import python_for
from pinwarden.adapters.fresh_folder import made_anew
from pinwarden.adapters.git_objects import require_git
from pinwarden.adapters.guarddog_scan import AGENT
from pinwarden.demo import HELPERS, OWNER, STORIES, Turn, Upstream, entry
from pinwarden.demo_page import as_page, as_table, row_of
from pinwarden.errors import OutsideError

SCRIPTS = Path(__file__).resolve().parent
OUTPUT = SCRIPTS.parent / "out" / "demo"
KEYS = ("server", "mode", "project", "base", "head", "directory")


def command(name: str, *arguments: str | Path) -> str:
    """Run another command as a user would, and return what it prints. Raises OutsideError where it could not do its job."""
    done = subprocess.run([sys.executable, "-sE", SCRIPTS / f"{name}.py", *arguments], capture_output=True, text=True, check=False)
    if done.returncode > command_line.FINDINGS:
        raise OutsideError(
            f"{name} ended with exit code {done.returncode}: {done.stderr.strip()}", "is there room on the disk? Else this is a defect: please report it"
        )
    return done.stdout


def build(output: Path) -> dict[str, list[str]]:
    """Make the upstreams and the registry; return the commits of each upstream."""
    root = output / "upstreams" / OWNER
    helpers = demo_upstreams.build(root, HELPERS)
    ids = {story.server: demo_upstreams.build(root, Upstream(story.server, (story.base, story.head), story.turn, story.branch), helpers) for story in STORIES}
    for story in STORIES:
        path = output / "registry" / "servers" / story.server / "server.yaml"
        path.parent.mkdir(parents=True)
        path.write_text(entry(story, ids[story.server][0]))
    return ids


def show(output: Path) -> str:
    """Do the main job in an empty folder; return the table."""
    ids, registry = build(output), output / "registry"
    with demo_upstreams.served(output / "upstreams") as url:
        mirror = ("--mirror", f"https://github.com/={url}/")
        (output / "validate.json").write_text(command("validate_pins", "--registry", registry, "--format", "json"))
        (output / "bump.txt").write_text(command("bump_pins", "--registry", registry, "--dry-run", *mirror))
        (output / "bump.json").write_text(
            command("bump_pins", "--registry", registry, "--dry-run", "--format", "json", "--plan", output / "scan.json", *mirror)
        )
        pins = {pin["server"]: pin for pin in json.loads((output / "bump.json").read_text())["pins"]}
        wanted = {story.server: story for story in STORIES if pins[story.server]["action"] == "open" or story.turn is Turn.FORK}
        targets = [dict(zip(KEYS, (name, "differential", pins[name]["project"], *ids[name], story.directory), strict=True)) for name, story in wanted.items()]
        (output / "plan.json").write_text(json.dumps({"targets": targets, "agents": ["guarddog"]}, indent=2) + "\n")
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda target: review(output, target, mirror), targets))
    (output / "status.json").write_text(command("report_status", f"--reviews={output}/reviews", f"--plan={output}/plan.json", "--dry-run", "--format=json"))
    checks = {check["name"].rpartition("/")[2]: check for check in json.loads((output / "status.json").read_text())["checks"]}
    reviews = {path.parent.name: json.loads(path.read_text()) for path in sorted(output.glob("reviews/*/review.json"))}
    rows = [row_of(story, pins[story.server], checks.get(story.server), reviews.get(story.server)) for story in STORIES]
    (output / "index.html").write_text(as_page(rows))
    demo_upstreams.record(output / "records", list(reviews.values()))
    command("publish_page", f"--registry={registry}", f"--output={output}/page", f"--scan={output}/scan.json", f"--records={output}/records")
    return as_table(rows)


def review(output: Path, target: dict[str, Any], mirror: Sequence[str]) -> None:
    options = [f"--{key}={target[key]}" for key in ("project", "base", "head", "server", "directory") if target[key]]
    command("run_review", *options, "--agent=guarddog", "--sandbox=none", f"--output={output / 'reviews' / target['server']}", *mirror)


def main(argv: Sequence[str] | None = None) -> int:
    command_line.parser("demo", "Scan, review and conclude on a throwaway registry; out/demo is made anew each time.", [""]).parse_args(argv)
    require_git()
    python_for(AGENT / "requirements.txt")
    with made_anew(OUTPUT) as output:
        print(show(output), end="")
    return command_line.OK


if __name__ == "__main__":
    sys.exit(command_line.run(main))
