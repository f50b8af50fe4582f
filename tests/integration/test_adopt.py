"""adopt: what it writes is what its makers check of their own workflows; nothing is overwritten, nothing leaves the registry, twice is once."""

from __future__ import annotations

import inspect
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from e2e import test_action_contracts, test_workflow_boundaries
from pinwarden.adapters import adopting
from pinwarden.adapters.registry_files import Registry
from pinwarden.adoption import State
from pinwarden.callers import OPTIONAL, RECOMMENDED, Use, uses_of
from support.commands import SCRIPTS, run_command
from support.registries import write_config, write_entry

COMMIT = "0123456789" * 4
PIN = "0f3c2a9d41b5e6f708192a3b4c5d6e7f8091a2b3"
TOOLS = Path(sys.executable).parent
FILES = [".github/pinwarden.yml", ".github/workflows/nightly.yml", ".github/workflows/review.yml", ".github/workflows/validate.yml", "publishers.yml"]
ZEROS = "0" * 40


@pytest.fixture
def registry(tmp_path: Path) -> Path:
    """A registry's checkout with two entries."""
    root = tmp_path / "registry"
    for name in ("weather", "tides"):
        write_entry(root, name, PIN)
    (root / ".git").mkdir()
    return root


def adopt(root: Path, *arguments: str, toolkit: str | None = COMMIT) -> subprocess.CompletedProcess[str]:
    return run_command("adopt", "--registry", root, *(() if toolkit is None else ("--toolkit", toolkit)), *arguments)


def tree(root: Path) -> dict[str, str]:
    """Return every file below a folder, and where links lead to."""
    found = (path for path in root.rglob("*") if path.is_symlink() or path.is_file())
    return {str(path.relative_to(root)): f"-> {os.readlink(path)}" if path.is_symlink() else path.read_text() for path in found}


def test_it_writes_what_is_recommended_and_says_what_to_set(registry: Path) -> None:
    before = tree(registry)
    done = adopt(registry)
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(tree(registry).keys() - before.keys()) == FILES
    assert before.items() <= tree(registry).items()
    assert all(f"written: {path}" in done.stdout for path in FILES)
    told = [done.stdout.index(words) for words in ("1. Settings → Actions → General", "2. Settings → Environments", "4. Settings → Rules → Rulesets", "5. Gate mode", "doctor --repository OWNER/REPO")]  # fmt: skip
    assert told == sorted(told)
    for words in ("pinwarden-review", "pinwarden-report", "PINWARDEN_APP_KEY", "PINWARDEN_CLIENT_ID", "integration id", "the default branch, and nothing else"):
        assert words in done.stdout


def test_an_adopted_registry_validates(registry: Path) -> None:
    adopt(registry)
    done = run_command("validate_pins", "--registry", registry)
    assert (done.returncode, done.stdout) == (0, "2 entries checked: 0 errors, 0 warnings\n")


def test_twice_is_once(registry: Path) -> None:
    adopt(registry)
    before = tree(registry)
    done = adopt(registry)
    assert (done.returncode, tree(registry)) == (0, before)
    assert [line for line in done.stdout.splitlines() if line.startswith("already there: ")] == [f"already there: {path}" for path in (
        ".github/workflows/validate.yml", ".github/workflows/review.yml", ".github/workflows/nightly.yml", ".github/pinwarden.yml", "publishers.yml"
    )]  # fmt: skip


def test_a_dry_run_tells_and_writes_nothing(registry: Path) -> None:
    before = tree(registry)
    done = adopt(registry, "--dry-run")
    assert (done.returncode, tree(registry)) == (0, before)
    assert all(f"would be written: {path}" in done.stdout for path in FILES)
    assert f"+        uses: pinwarden/pinwarden@{COMMIT}" in done.stdout
    assert not (registry / ".github").exists()


@pytest.mark.parametrize("path", FILES)
def test_a_file_that_differs_stays_and_the_rest_is_written(registry: Path, path: str) -> None:
    mine = "# mine\x1b[2J\n"
    target = registry / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text("# mine\n" if path.endswith("pinwarden.yml") else mine)
    before = target.read_text()
    done = adopt(registry)
    assert target.read_text() == before
    assert "\x1b" not in done.stdout
    if path.startswith(".github/workflows/"):
        assert done.returncode == 1
        assert f"differs, left as it is: {path}\n    --- a/{path}\n" in done.stdout
        assert "    -# mine" in done.stdout
        assert "under a name that is free" in done.stdout
    else:
        # It is there to be edited: whoever did so has adopted all the same.
        assert done.returncode == 0
        assert f"yours, kept: {path}\n" in done.stdout
        assert "# mine" not in done.stdout
    assert all((registry / each).is_file() for each in FILES)
    assert done.stdout.count("written: ") == len(FILES) - 1


def test_it_is_told_as_json_as_well(registry: Path) -> None:
    (registry / "publishers.yml").write_text("mine\n")
    done = adopt(registry, "--format", "json")
    checks = json.loads(done.stdout)["checks"]
    assert done.returncode == 0
    assert checks[0] == {"name": ".github/workflows/validate.yml", "ok": True, "hint": "written"}
    assert checks[-1] == {"name": "publishers.yml", "ok": True, "hint": "yours, kept"}


@pytest.mark.parametrize(
    ("toolkit", "words"),
    [(ZEROS, "is not a full commit"), ("main", "is not a full commit"), (COMMIT[:12], "is not a full commit"), (COMMIT.upper().replace("0", "A"), "is not"), ("", "is not"), (f"{COMMIT}\n", "is not")],
    ids=repr,
)  # fmt: skip
def test_only_a_full_commit_is_written(registry: Path, toolkit: str, words: str) -> None:
    before = tree(registry)
    done = adopt(registry, toolkit=toolkit)
    assert (done.returncode, done.stdout, tree(registry)) == (2, "", before)
    assert words in done.stderr


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """The toolkit as a git checkout of its own, with one commit."""
    folder = tmp_path / "toolkit"
    for part in ("scripts", "schemas", "examples", "actions/run-review"):
        shutil.copytree(SCRIPTS.parent / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "x")
    return folder


def git(folder: Path, *arguments: str) -> str:
    identity = {f"GIT_{who}_{what}": "x@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1", **identity}
    return subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True, text=True, env=environment).stdout.strip()


def of_own(own: Path, registry: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-sE", "-B", str(own / "scripts" / "adopt.py"), "--registry", str(registry)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env={"PATH": os.environ["PATH"], "HOME": "/nonexistent"})


def test_without_a_commit_it_is_that_of_its_own_checkout(own: Path, registry: Path) -> None:
    done = of_own(own, registry)
    assert done.returncode == 0, done.stderr
    assert f"pinwarden/pinwarden@{git(own, 'rev-parse', 'HEAD')}" in (registry / ".github/workflows/validate.yml").read_text()


@pytest.mark.parametrize(("part", "warned"), [("", False), ("proxy", True), ("codex", True), ("guarddog", True), ("claude", False)])
def test_a_checkout_that_is_no_release_is_warned_of(own: Path, registry: Path, part: str, *, warned: bool) -> None:
    """A release names every image that it publishes by digest; Claude Code's each registry builds for itself."""
    images = own / "actions" / "run-review" / "sandbox" / "images.json"
    named = {name: image if name in ("claude", part) else f"ghcr.io/{image}@sha256:{'a' * 64}" for name, image in json.loads(images.read_text()).items()}
    images.write_text(json.dumps(named))
    git(own, "commit", "--quiet", "--all", "--allow-empty", "--message", "y")
    done = of_own(own, registry)
    assert (done.returncode, "is no release" in done.stderr) == (0, warned)


@pytest.mark.parametrize("change", ["changed", "added", "inside another", "no git"])
def test_a_checkout_that_is_not_what_its_commit_says_has_none(own: Path, registry: Path, change: str) -> None:
    match change:
        case "changed":
            (own / "scripts" / "adopt.py").write_text((own / "scripts" / "adopt.py").read_text() + "\n")
        case "added":
            (own / "scripts" / "more.py").write_text("\n")
        case "inside another":
            (own / ".git").rename(own.parent / ".git")
        case _:
            shutil.rmtree(own / ".git")
    done = of_own(own, registry)
    assert done.returncode == 2
    assert "add --toolkit SHA" in done.stderr
    assert not (registry / ".github").exists()


LINKS: Mapping[str, tuple[str, int]] = {
    ".github": ("outside", 2),
    ".github/workflows": ("outside", 1),
    ".github/workflows/review.yml": ("outside/file", 1),
    ".github/pinwarden.yml": ("outside/file", 2),
    "publishers.yml": ("outside/file", 1),
}


@pytest.mark.parametrize("dangling", [False, True])
@pytest.mark.parametrize("link", LINKS)
def test_no_link_leads_out_of_the_registry(registry: Path, tmp_path: Path, link: str, dangling: bool) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_text("theirs\n")
    (registry / link).parent.mkdir(parents=True, exist_ok=True)
    to, code = LINKS[link]
    target = tmp_path / to if not dangling else outside / "nothing"
    (registry / link).symlink_to(target)
    before = tree(outside)
    done = adopt(registry)
    assert done.returncode == code, done.stdout + done.stderr
    assert tree(outside) == before
    assert os.readlink(registry / link) == str(target)
    if code == 1:
        assert "is a link or no file" in done.stdout


@pytest.mark.parametrize("link", [".github", ".github/workflows", ".github/workflows/x.yml"])
def test_a_link_that_came_after_the_look_is_not_followed(registry: Path, tmp_path: Path, link: str) -> None:
    class Earlier(Registry):
        """A registry as it was looked at before there was any link."""

        def file(self, path: str) -> None:
            return None

    outside = tmp_path / "outside"
    (outside / "workflows").mkdir(parents=True)
    (registry / link).parent.mkdir(parents=True, exist_ok=True)
    (registry / link).symlink_to(outside / "x.yml" if link.endswith(".yml") else outside)
    placed = adopting.place(Earlier(registry), ".github/workflows/x.yml", "x", dry_run=False)
    assert (placed.state, tree(outside)) == (State.NOT_A_FILE, {})


def test_control_a_writer_that_follows_links_would_have_left_it(registry: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (registry / ".github").mkdir()
    (registry / ".github" / "workflows").symlink_to(outside)
    (registry / ".github" / "workflows" / "validate.yml").write_text("x")
    assert tree(outside) == {"validate.yml": "x"}


@pytest.mark.parametrize("what", ["folder", "pipe", "huge"])
def test_what_is_no_file_stays(registry: Path, what: str) -> None:
    target = registry / "publishers.yml"
    match what:
        case "folder":
            target.mkdir()
        case "pipe":
            os.mkfifo(target)
        case _:
            target.write_text("#" * 300_000)
    done = adopt(registry)
    assert done.returncode == (0 if what == "huge" else 1)
    assert (registry / ".github/workflows/validate.yml").is_file()
    assert len(done.stdout) < 20_000


def test_a_file_that_comes_meanwhile_stays(registry: Path) -> None:
    class Late(Registry):
        def file(self, path: str) -> None:
            super().file(path)
            (self.root / path).write_text("theirs\n")

    assert adopting.place(Late(registry), "publishers.yml", "ours\n", dry_run=False).state is State.NOT_A_FILE
    assert (registry / "publishers.yml").read_text() == "theirs\n"


def test_the_configuration_says_where_entries_are_and_which_hosts_they_name(tmp_path: Path) -> None:
    root = tmp_path / "registry"
    (root / "x").mkdir(parents=True)
    for name, project in (
        ("a", "https://gitlab.com/a/b"),
        ("b", "https://codeberg.org/a/b"),
        ("c", "https://evil.example:8443/a/b"),
        ("d", "https://u@evil.example/a/b"),
    ):
        write_entry(root / "x", name, PIN, project=project)
    (root / "x" / "servers").rename(root / "catalog")
    done = adopt(root)
    assert done.returncode == 0
    config = (root / ".github/pinwarden.yml").read_text()
    assert yaml.safe_load(config) == {"entries": "catalog/*/server.yaml", "allowed-hosts": ["codeberg.org", "gitlab.com"]}
    told = run_command("validate_pins", "--registry", root, "--servers", "a,b")
    assert told.returncode == 0, told.stdout
    assert "is no repository yet" in done.stderr
    assert adopt(root).returncode == 0


def test_what_is_usual_is_a_comment(registry: Path) -> None:
    adopt(registry)
    assert yaml.safe_load((registry / ".github/pinwarden.yml").read_text()) is None


def test_a_configuration_that_is_there_is_heard(registry: Path) -> None:
    (registry / "servers").rename(registry / "list")
    write_config(registry, "entries: list/*/server.yaml\nallowed-hosts: [github.com, git.example.org]\npublishers: .github/known.yml\n")
    done = adopt(registry)
    assert done.returncode == 0
    assert "yours, kept: .github/pinwarden.yml" in done.stdout
    assert "written: .github/known.yml" in done.stdout


def test_a_folder_of_a_repository_is_refused(registry: Path) -> None:
    """GitHub reads workflows at the root alone."""
    inner = registry / "catalog"
    write_entry(inner, "weather", PIN)
    done = adopt(inner)
    assert (done.returncode, not (inner / ".github").exists()) == (2, True)
    assert "is a folder of the repository" in done.stderr


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ([], "no folder holds a server.yaml"),
        (["a/server.yaml", "a/b/server.yaml"], "no one pattern tells"),
        (["a b/c/server.yaml"], "no configuration can say where its entries are"),
        (["server.yaml"], "no folder holds"),
        ([".hidden/a/server.yaml"], "no folder holds"),
        (["a/b/c/d/e/server.yaml"], "no folder holds"),
    ],
    ids=str,
)
def test_a_folder_that_is_no_registry_gets_nothing(tmp_path: Path, files: list[str], words: str) -> None:
    root = tmp_path / "registry"
    root.mkdir()
    for file in files:
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_text("name: x\n")
    before = tree(root)
    done = adopt(root)
    assert (done.returncode, tree(root)) == (2, before)
    assert words in done.stderr


def test_a_folder_that_is_not_there_is_said_not_to_be(tmp_path: Path) -> None:
    done = adopt(tmp_path / "nothing")
    assert done.returncode == 2
    assert "no such folder" in done.stderr


@pytest.mark.parametrize("given", ["review-reusable", "validate,../x", ",", "nothing"])
def test_only_workflows_that_there_are_can_be_named(registry: Path, given: str) -> None:
    assert adopt(registry, "--workflows", given).returncode == 2


def test_every_workflow_to_copy_can_be_had() -> None:
    there = {path.stem for path in adopting.EXAMPLES.iterdir()}
    # One is for a scratch repository alone, where it leaves branches and pull requests while it runs.
    assert {*RECOMMENDED, *OPTIONAL} == {name for name in there if not name.endswith("-reusable")} - {"live-selftest"}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Every workflow that adopt can write, as it writes it."""
    root = tmp_path_factory.mktemp("written")
    write_entry(root, "weather", PIN)
    done = adopt(root, "--workflows", ",".join((*RECOMMENDED, *OPTIONAL)))
    assert done.returncode == 0, done.stderr
    found = sorted((root / ".github" / "workflows").iterdir())
    assert len(found) == len(RECOMMENDED) + len(OPTIONAL)
    return found


def test_the_linters_find_nothing_in_what_is_written(written: list[Path]) -> None:
    root = written[0].parents[2]
    for command in (["zizmor", "--quiet", "--persona=pedantic", "--offline", str(root)], ["actionlint", "-shellcheck=", *map(str, written)]):
        done = subprocess.run([str(TOOLS / command[0]), *command[1:]], capture_output=True, text=True, check=False, cwd=root)
        assert done.returncode == 0, done.stdout + done.stderr


def test_control_a_linter_finds_what_is_not_pinned(written: list[Path], tmp_path: Path) -> None:
    (tmp_path / ".github" / "workflows").mkdir(parents=True)
    planted = tmp_path / ".github" / "workflows" / "validate.yml"
    planted.write_text(next(path for path in written if path.stem == "validate").read_text().replace(COMMIT, "main"))
    done = subprocess.run([str(TOOLS / "zizmor"), "--quiet", "--offline", str(tmp_path)], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert "unpinned-uses" in done.stdout


def test_what_is_written_is_pinned_everywhere_to_the_same_commit(written: list[Path]) -> None:
    found: list[Use] = []
    for path in written:
        assert ZEROS not in path.read_text()
        assert "put the release" not in path.read_text()
        uses = uses_of(path.name, path.read_bytes())
        assert isinstance(uses, tuple)
        found += uses
    assert {use.ref for use in found} == {COMMIT}
    assert {use.workflow for use in found} == {path.name for path in written if path.stem != "merge-queue"}


BOUNDARIES = {
    name: test
    for module in (test_workflow_boundaries, test_action_contracts)
    for name, test in vars(module).items()
    if name.startswith("test_") and list(inspect.signature(test).parameters) == ["path"]
}


@pytest.mark.parametrize("name", ["test_a_key_is_read_in_its_environment_alone", "test_no_other_secret_is_read", "test_nothing_crosses_from_one_run_to_another", "test_workflow_grants_nothing_but_by_job", "test_shell_is_short_and_has_no_expression", "test_everything_used_is_pinned_or_our_own", "test_checkout_leaves_no_credential_behind"])  # fmt: skip
def test_what_holds_of_our_workflows_holds_of_what_is_written(written: list[Path], name: str) -> None:
    for path in written:
        BOUNDARIES[name](path)


@pytest.mark.parametrize(
    ("name", "only"),
    [
        ("test_nothing_of_a_pull_request_is_checked_out_or_spliced", lambda path: path.stem != "build-claude"),
        ("test_the_job_that_runs_the_agent_may_nothing", lambda path: path.stem in ("review", "audit")),
        ("test_no_job_that_writes_holds_a_provider_s_key", lambda path: path.stem in ("review", "audit")),
        ("test_what_writes_takes_the_plan_that_was_made", lambda path: path.stem in ("review", "audit")),
        ("test_the_report_is_made_whatever_became_of_the_reviews", lambda path: path.stem == "review"),
        ("test_a_label_or_a_comment_starts_no_review", lambda path: path.stem == "review"),
        ("test_what_a_pull_request_starts_can_only_read", lambda path: path.stem == "validate"),
        ("test_what_runs_as_a_queue_s_commit_has_it_holds_nothing", lambda path: path.stem in ("validate", "merge-queue")),
        ("test_what_holds_keys_or_writes_starts_from_the_default_branch", lambda path: path.stem not in ("validate", "merge-queue")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_what_holds_of_some_holds_of_those(written: list[Path], name: str, only: object) -> None:
    assert callable(only)
    chosen = [path for path in written if only(path)]
    assert chosen
    for path in chosen:
        BOUNDARIES[name](path)
