"""validate-pins as people and workflows run it: forms of output, exit codes, a change alone, and hostile registries."""

from __future__ import annotations

import json
import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from support.commands import run_command
from support.registries import write_config, write_entry

COMMIT = "0f3c2a9d41b5e6f708192a3b4c5d6e7f8091a2b3"
OTHER = COMMIT[::-1]
SHORT = COMMIT[:7]

SARIF: dict[str, Any] = {
    "type": "object",
    "required": ["$schema", "version", "runs"],
    "properties": {
        "version": {"const": "2.1.0"},
        "runs": {
            "type": "array",
            "minItems": 1,
            "items": {
                "required": ["tool", "results"],
                "additionalProperties": False,
                "properties": {
                    "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                    "tool": {
                        "required": ["driver"],
                        "properties": {
                            "driver": {
                                "required": ["name", "rules"],
                                "properties": {
                                    "name": {"type": "string"},
                                    "informationUri": {"type": "string", "pattern": "^https://"},
                                    "rules": {"type": "array", "items": {"required": ["id"], "properties": {"id": {"type": "string"}}}, "uniqueItems": True},
                                },
                            }
                        },
                    },
                    "results": {
                        "type": "array",
                        "items": {
                            "required": ["ruleId", "message", "locations"],
                            "additionalProperties": False,
                            "properties": {
                                "ruleId": {"type": "string"},
                                "ruleIndex": {"type": "integer", "minimum": 0},
                                "level": {"enum": ["none", "note", "warning", "error"]},
                                "message": {"required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}},
                                "partialFingerprints": {"type": "object", "additionalProperties": {"type": "string"}},
                                "locations": {
                                    "minItems": 1,
                                    "items": {
                                        "required": ["physicalLocation"],
                                        "properties": {
                                            "physicalLocation": {
                                                "required": ["artifactLocation", "region"],
                                                "properties": {
                                                    "artifactLocation": {"properties": {"uri": {"type": "string", "pattern": "^[!-~]+$"}}},
                                                    "region": {
                                                        "required": ["startLine"],
                                                        "additionalProperties": False,
                                                        "properties": {
                                                            "startLine": {"type": "integer", "minimum": 1},
                                                            "startColumn": {"type": "integer", "minimum": 1},
                                                        },
                                                    },
                                                },
                                            }
                                        },
                                    },
                                },
                            },
                        },
                    },
                },
            },
        },
    },
}
"""What SARIF 2.1.0 requires of the members that we write, and what code scanning reads of them."""


def validate_pins(registry: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return run_command("validate_pins", "--registry", registry, *arguments, given=environment)


def findings(registry: Path, *arguments: str) -> list[dict[str, Any]]:
    """Run with --format json and return the findings, having held the exit code against them."""
    return report(registry, *arguments)["findings"]  # type: ignore[no-any-return]


def report(registry: Path, *arguments: str) -> dict[str, Any]:
    done = validate_pins(registry, "--format", "json", *arguments)
    assert done.returncode in (0, 1), done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    assert document["valid"] == (done.returncode == 0) == (not any(finding["severity"] == "error" for finding in document["findings"]))
    return document


def refused(registry: Path, *arguments: str) -> str:
    """Run and return what is said on stderr, having seen that the command did not do its job and printed no result."""
    done = validate_pins(registry, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.fixture
def registry(tmp_path: Path) -> Path:
    """Two good entries, one with a short pin, one with a warning alone."""
    root = tmp_path / "a registry"
    write_entry(root, "weather", COMMIT)
    write_entry(root, "time", COMMIT)
    write_entry(root, "docs", SHORT)
    elsewhere = write_entry(root, "news", COMMIT)
    elsewhere.write_text(elsewhere.read_text().replace("mcp/news", "ghcr.io/example/news"))
    return root


class TestForms:
    def test_text_names_each_finding_and_ends_with_a_summary(self, registry: Path) -> None:
        done = validate_pins(registry)
        assert done.returncode == 1
        assert done.stderr == ""
        assert done.stdout.splitlines()[0] == "servers/docs/server.yaml:6:3: error[commit-length]: the commit has 7 characters, 40 are required"
        assert done.stdout.splitlines()[2].startswith("servers/news/server.yaml:2:1: warning[image-namespace]: ")
        assert done.stdout.splitlines()[-1] == "4 entries checked: 1 error, 1 warning"

    def test_json_is_one_document_of_the_contracts_shape(self, registry: Path) -> None:
        done = validate_pins(registry, "--format", "json")
        document = json.loads(done.stdout)
        assert (done.returncode, done.stderr) == (1, "")
        assert list(document) == ["checked", "valid", "findings"]
        assert (document["checked"], document["valid"]) == (4, False)
        assert [list(finding) for finding in document["findings"]] == [["server", "path", "line", "column", "rule", "severity", "message", "hint"]] * 2
        first = document["findings"][0]
        assert {key: first[key] for key in ("server", "path", "line", "column", "rule", "severity")} == {
            "server": "docs",
            "path": "servers/docs/server.yaml",
            "line": 6,
            "column": 3,
            "rule": "commit-length",
            "severity": "error",
        }

    def test_github_annotates_and_sums_up_beside(self, registry: Path) -> None:
        done = validate_pins(registry, "--format", "github")
        assert done.returncode == 1
        assert [line.split("::")[1] for line in done.stdout.splitlines()] == [
            "error file=servers/docs/server.yaml,line=6,col=3,title=commit-length",
            "warning file=servers/news/server.yaml,line=2,col=1,title=image-namespace",
        ]
        assert done.stderr == "4 entries checked: 1 error, 1 warning\n"

    def test_sarif_has_what_code_scanning_requires(self, registry: Path) -> None:
        done = validate_pins(registry, "--format", "sarif")
        log = json.loads(done.stdout)
        assert (done.returncode, done.stderr) == (1, "")
        assert [error.message for error in Draft202012Validator(SARIF).iter_errors(log)] == []
        run = log["runs"][0]
        rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
        assert (
            [rules[result["ruleIndex"]] for result in run["results"]] == [result["ruleId"] for result in run["results"]] == ["commit-length", "image-namespace"]
        )

    @pytest.mark.parametrize("form", ["text", "json", "github", "sarif"])
    def test_a_good_registry_exits_with_zero_in_every_form(self, registry: Path, form: str) -> None:
        done = validate_pins(registry, "--servers", "weather,news", "--format", form)
        assert done.returncode == 0

    def test_in_a_workflow_lines_and_outputs_are_the_workspaces(self, registry: Path, tmp_path: Path) -> None:
        outputs = tmp_path / "outputs"
        outputs.touch()
        workflow = {"GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": str(tmp_path), "GITHUB_EVENT_NAME": "push", "GITHUB_OUTPUT": str(outputs)}
        done = validate_pins(registry, "--format", "github", **workflow)
        assert done.returncode == 1, done.stderr
        assert done.stdout.startswith("::error file=a registry/servers/docs/server.yaml,line=6")
        assert "false" in outputs.read_text()
        assert "4" in outputs.read_text()


class TestUse:
    def test_help_shows_examples_and_exit_codes(self) -> None:
        done = run_command("validate_pins", "--help")
        assert done.returncode == 0
        assert "scripts/run validate-pins --registry ." in done.stdout
        assert "exit codes: 0 ok, 1 findings" in done.stdout

    def test_only_the_servers_named_are_checked(self, registry: Path) -> None:
        assert report(registry, "--servers", "weather, time") == {"checked": 2, "valid": True, "findings": []}

    def test_entries_come_in_the_order_of_their_names(self, registry: Path) -> None:
        write_entry(registry, "alpha", SHORT)
        assert [finding["server"] for finding in findings(registry)] == ["alpha", "docs", "news"]

    def test_an_unknown_server_is_misuse(self, registry: Path) -> None:
        assert '"snow"' in refused(registry, "--servers", "weather,snow")

    def test_an_unknown_option_is_misuse(self, registry: Path) -> None:
        assert validate_pins(registry, "--form", "json").returncode == 2

    def test_a_registry_must_be_named(self) -> None:
        assert run_command("validate_pins").returncode == 2

    def test_a_missing_registry_is_misuse(self, tmp_path: Path) -> None:
        assert "no such folder" in refused(tmp_path / "nowhere")

    def test_a_file_is_no_registry(self, registry: Path) -> None:
        assert "no such folder" in refused(registry / "servers" / "docs" / "server.yaml")

    def test_a_folder_without_entries_is_no_registry(self, tmp_path: Path) -> None:
        assert "no entries match servers/*/server.yaml" in refused(tmp_path)

    def test_findings_are_told_to_whoever_still_reads(self, registry: Path) -> None:
        done = subprocess.run(["sh", "-c", '"$@" | head -1', "sh", *validate_pins(registry).args], capture_output=True, text=True, check=False)
        assert len(done.stdout.splitlines()) == 1
        assert "Traceback" not in done.stderr


class TestConfiguration:
    def test_hosts_that_it_allows_are_allowed(self, registry: Path) -> None:
        write_entry(registry, "docs", COMMIT, project="https://git.example.com/example/docs")
        assert [finding["rule"] for finding in findings(registry, "--servers", "docs")] == ["project-host"]
        write_config(registry, "allowed-hosts: [github.com, git.example.com]\n")
        assert findings(registry, "--servers", "docs") == []

    def test_entries_are_where_it_says(self, registry: Path) -> None:
        (registry / "servers").rename(registry / "catalog")
        write_config(registry, "entries: catalog/*/server.yaml\n")
        assert report(registry)["checked"] == 4

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("allowed-hosts: [github.com]\nbump: [\n", "error: .github/pinwarden.yml:3: not YAML"),
            ("\nallow-hosts: [evil.example]\n", 'error: .github/pinwarden.yml:2: "allow-hosts" is not a known key'),
            ("a: *a\n", "error: .github/pinwarden.yml:1: the alias"),
        ],
    )
    def test_a_broken_one_is_misuse_with_its_line(self, registry: Path, text: str, message: str) -> None:
        write_config(registry, text)
        assert refused(registry).startswith(message)

    def test_a_link_is_not_followed(self, registry: Path, tmp_path: Path) -> None:
        secret = tmp_path / "secret.yml"
        secret.write_text("token: hunter2\n")
        (registry / ".github").mkdir()
        (registry / ".github" / "pinwarden.yml").symlink_to(secret)
        said = refused(registry)
        assert "not a regular file" in said
        assert "hunter2" not in said
        assert "token" not in said

    def test_a_linked_folder_is_not_followed(self, registry: Path, tmp_path: Path) -> None:
        (tmp_path / "elsewhere").mkdir()
        (tmp_path / "elsewhere" / "pinwarden.yml").write_text("allowed-hosts: [evil.example]\n")
        (registry / ".github").symlink_to(tmp_path / "elsewhere")
        assert "not a regular file" in refused(registry)

    def test_a_pipe_is_not_waited_for(self, registry: Path) -> None:
        (registry / ".github").mkdir()
        os.mkfifo(registry / ".github" / "pinwarden.yml")
        assert "not a regular file" in refused(registry)


def git(root: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=Example", "-c", "user.email=example@example.com", "-c", "commit.gpgsign=false", "-c", "protocol.file.allow=always"]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")} | {
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
    }
    done = subprocess.run(["git", *identity, *arguments], cwd=root, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def commit_all(root: Path) -> str:
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--allow-empty", "--message", "change")
    return git(root, "rev-parse", "HEAD")


@pytest.fixture
def base(registry: Path) -> str:
    """The registry as a repository; the commit that changes start from."""
    git(registry, "init", "--quiet", "--initial-branch=main")
    return commit_all(registry)


def changed(registry: Path, base: str) -> tuple[int, list[tuple[str, str]]]:
    """Return how many entries a change has, and what is wrong with them."""
    document = report(registry, "--changed-since", base)
    return document["checked"], [(finding["server"], finding["rule"]) for finding in document["findings"]]


class TestChange:
    def test_without_a_change_nothing_is_checked_and_all_is_well(self, registry: Path, base: str) -> None:
        assert changed(registry, base) == (0, [])

    def test_an_entry_that_was_bad_before_is_not_the_changes_fault(self, registry: Path, base: str) -> None:
        write_entry(registry, "weather", OTHER)
        commit_all(registry)
        assert changed(registry, base) == (1, [])

    def test_an_added_entry_counts(self, registry: Path, base: str) -> None:
        write_entry(registry, "snow", SHORT)
        commit_all(registry)
        assert changed(registry, base) == (1, [("snow", "commit-length")])

    def test_a_modified_entry_counts(self, registry: Path, base: str) -> None:
        write_entry(registry, "weather", "main")
        commit_all(registry)
        assert changed(registry, base) == (1, [("weather", "commit-not-sha")])

    @pytest.mark.parametrize("stage", [True, False])
    def test_a_change_counts_before_it_is_committed(self, registry: Path, base: str, stage: bool) -> None:
        write_entry(registry, "weather", "main")
        if stage:
            git(registry, "add", "--all")
        assert changed(registry, base) == (1, [("weather", "commit-not-sha")])

    def test_an_untracked_entry_counts(self, registry: Path, base: str) -> None:
        write_entry(registry, "snow", SHORT)
        assert changed(registry, base) == (1, [("snow", "commit-length")])

    def test_a_deleted_entry_is_not_there_to_be_checked(self, registry: Path, base: str) -> None:
        (registry / "servers" / "docs" / "server.yaml").unlink()
        assert changed(registry, base) == (0, [])
        commit_all(registry)
        assert changed(registry, base) == (0, [])

    def test_a_renamed_folder_counts_under_its_new_name(self, registry: Path, base: str) -> None:
        git(registry, "mv", "servers/weather", "servers/climate")
        commit_all(registry)
        assert changed(registry, base) == (1, [("climate", "name-not-folder")])

    def test_an_entry_that_became_a_link_counts(self, registry: Path, base: str) -> None:
        entry = registry / "servers" / "weather" / "server.yaml"
        entry.unlink()
        entry.symlink_to("../time/server.yaml")
        commit_all(registry)
        assert changed(registry, base) == (1, [("weather", "not-a-file")])

    def test_a_folder_that_is_a_link_counts(self, registry: Path, base: str) -> None:
        write_entry(registry / "elsewhere", "snow", COMMIT)
        (registry / "servers" / "snow").symlink_to("../elsewhere/servers/snow")
        commit_all(registry)
        assert changed(registry, base) == (1, [("snow", "not-a-file")])

    def test_a_folder_that_is_a_submodule_counts(self, registry: Path, base: str, tmp_path: Path) -> None:
        entry = write_entry(tmp_path / "upstream", "snow", SHORT)
        entry.rename(tmp_path / "upstream" / "server.yaml")
        git(tmp_path / "upstream", "init", "--quiet")
        commit_all(tmp_path / "upstream")
        git(registry, "submodule", "--quiet", "add", str(tmp_path / "upstream"), "servers/snow")
        commit_all(registry)
        assert changed(registry, base) == (1, [("snow", "commit-length")])

    def test_a_name_with_odd_characters_counts(self, registry: Path, base: str) -> None:
        write_entry(registry, "météo ::error::x", COMMIT)
        commit_all(registry)
        assert changed(registry, base) == (1, [("météo ::error::x", "name-characters")])

    def test_only_what_the_branch_itself_changed_counts(self, registry: Path, base: str) -> None:
        git(registry, "checkout", "--quiet", "-b", "topic")
        write_entry(registry, "snow", COMMIT)
        commit_all(registry)
        git(registry, "checkout", "--quiet", "main")
        write_entry(registry, "weather", SHORT)
        commit_all(registry)
        git(registry, "checkout", "--quiet", "topic")
        assert changed(registry, "main") == (1, [])

    def test_a_registry_in_a_folder_of_the_repository_is_compared_alone(self, registry: Path, base: str) -> None:
        write_entry(registry / "nested", "snow", SHORT)
        write_entry(registry, "weather", SHORT)
        commit_all(registry)
        assert changed(registry / "nested", base) == (1, [("snow", "commit-length")])

    def test_servers_and_a_change_are_combined(self, registry: Path, base: str) -> None:
        write_entry(registry, "weather", SHORT)
        write_entry(registry, "time", SHORT)
        assert report(registry, "--changed-since", base, "--servers", "time,docs")["checked"] == 1

    @pytest.mark.parametrize("revision", ["no-such-branch", "0" * 40, "--output=x", "HEAD:servers", "", "HEAD~99"])
    def test_an_unknown_revision_is_misuse(self, registry: Path, base: str, revision: str) -> None:
        assert "is not a commit of this repository" in refused(registry, f"--changed-since={revision}")

    def test_a_folder_that_is_no_repository_is_misuse(self, registry: Path) -> None:
        assert "is not a commit of this repository" in refused(registry, "--changed-since", "main")

    def test_histories_without_a_common_commit_are_misuse(self, registry: Path, base: str) -> None:
        git(registry, "checkout", "--quiet", "--orphan", "other")
        write_entry(registry, "snow", COMMIT)
        commit_all(registry)
        assert "no common commit" in refused(registry, "--changed-since", base)

    def test_a_shallow_checkout_is_misuse_and_told_how_to_fetch(self, registry: Path, base: str, tmp_path: Path) -> None:
        git(registry, "checkout", "--quiet", "-b", "topic")
        write_entry(registry, "snow", SHORT)
        commit_all(registry)
        write_entry(registry, "snow", COMMIT)
        commit_all(registry)
        git(registry, "checkout", "--quiet", "main")
        write_entry(registry, "rain", COMMIT)
        commit_all(registry)
        git(tmp_path, "clone", "--quiet", "--depth=1", "--no-single-branch", f"file://{registry}", "shallow")
        git(tmp_path / "shallow", "checkout", "--quiet", "topic")
        assert "fetch-depth: 0" in refused(tmp_path / "shallow", "--changed-since", "origin/main")

    def test_no_setting_of_the_repository_runs_a_program(self, registry: Path, base: str, tmp_path: Path) -> None:
        trap = tmp_path / "trap"
        trap.write_text(f"#!/bin/sh\ntouch '{tmp_path}/sprung'\n")
        trap.chmod(0o755)
        for key in ("core.fsmonitor", "diff.external", "core.pager", "diff.odd.command", "diff.odd.textconv", "core.editor"):
            git(registry, "config", key, str(trap))
        (registry / ".gitattributes").write_text("*.yaml diff=odd\n")
        write_entry(registry, "weather", SHORT)
        assert changed(registry, base) == (1, [("weather", "commit-length")])
        assert not (tmp_path / "sprung").exists()


class TestConfigurationOfTheBase:
    def test_a_change_cannot_widen_the_hosts_for_itself(self, registry: Path, base: str) -> None:
        write_config(registry, "allowed-hosts: [github.com, evil.example]\n")
        write_entry(registry, "weather", COMMIT, project="https://evil.example/example/weather")
        commit_all(registry)
        assert changed(registry, base) == (1, [("weather", "project-host")])
        assert [finding["rule"] for finding in findings(registry, "--servers", "weather")] == []

    def test_a_change_cannot_move_entries_out_of_sight(self, registry: Path, base: str) -> None:
        write_config(registry, "entries: catalog/*/server.yaml\n")
        write_entry(registry, "weather", SHORT)
        commit_all(registry)
        assert changed(registry, base) == (1, [("weather", "commit-length")])

    def test_the_configuration_at_the_base_holds(self, registry: Path, base: str) -> None:
        write_config(registry, "allowed-hosts: [github.com, git.example.com]\n")
        allowed = commit_all(registry)
        write_config(registry, "{}\n")
        write_entry(registry, "weather", COMMIT, project="https://git.example.com/example/weather")
        commit_all(registry)
        assert changed(registry, allowed) == (1, [])

    def test_a_change_that_breaks_the_configuration_is_a_finding_on_its_line(self, registry: Path, base: str) -> None:
        write_config(registry, "# note\nallowed-host: [github.com]\n")
        commit_all(registry)
        (finding,) = findings(registry, "--changed-since", base)
        assert (finding["server"], finding["path"], finding["line"], finding["rule"]) == ("", ".github/pinwarden.yml", 2, "config-invalid")

    def test_a_base_that_is_broken_is_misuse_and_named(self, registry: Path, base: str) -> None:
        write_config(registry, "allowed-host: [github.com]\n")
        broken = commit_all(registry)
        write_config(registry, "{}\n")
        commit_all(registry)
        assert f".github/pinwarden.yml at {broken}:1:" in refused(registry, "--changed-since", broken)


GOOD = [f"server-{number:03}" for number in range(300)]


@pytest.fixture(scope="class")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, str]]]:
    """300 good entries, the last of all with a short pin, among entries made to stop, flood or mislead a reader.

    With the registry come the rules that the hostile ones must break, by folder name as JSON has it.
    """
    root = tmp_path_factory.mktemp("hostile")
    outside = tmp_path_factory.mktemp("outside")
    for server in GOOD:
        write_entry(root, server, COMMIT)
    write_entry(root, "zz-last", SHORT)
    write_entry(outside, "linked", COMMIT)
    servers = root / "servers"
    contents = {
        "large": ("file-size", b"name: large # " + b"x" * 5_000_000),
        "deep-flow": ("nesting-depth", b"name: " + b"[" * 60_000),
        "deep-block": ("nesting-depth", b"- " * 60_000),
        "bomb": ("alias", b"a: &a [x]\n" + b"".join(b"a%d: &a%d [%s]\n" % (n, n, b", ".join([b"*a"] * 9)) for n in range(9))),
        "latin": ("not-utf8", "name: météo\n".encode("latin-1")),
        "picture": ("not-text", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
        "commands": ("name-not-folder", b'name: "x\\n::error::y ##[error]z \\e[2K"\ntype: remote\n'),
        "empty": ("empty-document", b""),
    }
    rules = {}
    for server, (rule, raw) in contents.items():
        (servers / server).mkdir()
        (servers / server / "server.yaml").write_bytes(raw)
        rules[server] = rule
    for server in ("pipe", "socket", "linked-file", "dangling", "folder", "loop"):
        (servers / server).mkdir()
        rules[server] = "not-a-file"
    os.mkfifo(servers / "pipe" / "server.yaml")
    (servers / "linked-file" / "server.yaml").symlink_to(outside / "servers" / "linked" / "server.yaml")
    (servers / "dangling" / "server.yaml").symlink_to(outside / "nothing")
    (servers / "loop" / "server.yaml").symlink_to("server.yaml")
    (servers / "folder" / "server.yaml").mkdir()
    (servers / "linked").symlink_to(outside / "servers" / "linked")
    rules["linked"] = "not-a-file"
    for raw in (b"not-utf8-\xff", b"two\nlines", b"x\n::error::y", b"##[error]z", b"\x1b[2K"):
        folder = os.fsencode(servers) + b"/" + raw
        os.mkdir(folder)
        with open(folder + b"/server.yaml", "wb") as file:
            file.write(b"name: %s\ntype: remote\n" % json.dumps(os.fsdecode(raw)).encode())
        rules[os.fsdecode(raw)] = "name-characters"
    with socket.socket(socket.AF_UNIX) as listening:
        # A socket's name has few characters: bind it from its own folder.
        before = Path.cwd()
        os.chdir(servers / "socket")
        listening.bind("server.yaml")
        os.chdir(before)
        yield root, rules


class TestHostileRegistry:
    def test_each_hostile_entry_is_one_finding_and_every_good_one_is_checked(self, hostile: tuple[Path, dict[str, str]]) -> None:
        root, rules = hostile
        document = report(root)
        found = [(finding["server"], finding["rule"]) for finding in document["findings"]]
        # A name that YAML cannot write is another one than the folder's as well.
        found = [(server, rule) for server, rule in found if (server, rule) != ("not-utf8-\udcff", "yaml-syntax")]
        expected = {server: rule for server, rule in rules.items() if server != "not-utf8-\udcff"}
        assert sorted(found) == sorted([*expected.items(), ("zz-last", "commit-length")])
        assert document["checked"] == len(GOOD) + len(rules) + 1

    @pytest.mark.parametrize("form", ["text", "json", "github", "sarif"])
    def test_what_is_printed_is_printable_and_starts_no_command_of_its_own(self, hostile: tuple[Path, dict[str, str]], form: str) -> None:
        root, rules = hostile
        done = validate_pins(root, "--format", form)
        printed = done.stdout + done.stderr
        assert done.returncode == 1
        assert "Traceback" not in printed
        if form != "github":
            # An annotation must call a file what it is called; the runner takes the line, no terminal shows it.
            assert all(character == "\n" or " " <= character <= "~" for character in printed)
        lines = printed.splitlines()
        if form == "github":
            assert len([line for line in lines if line.startswith("::error file=servers/")]) == len(rules) + 1
            assert len([line for line in lines if line.startswith("::")]) == len(rules) + 1
        else:
            assert not any(line.lstrip().startswith("::") for line in lines)
        if form == "text":
            assert not any("##[" in line for line in lines)
            assert len(lines) == 2 * (len(rules) + 1) + 1

    def test_nothing_outside_the_registry_is_read(self, hostile: tuple[Path, dict[str, str]]) -> None:
        root, _ = hostile
        linked = findings(root, "--servers", "linked,linked-file")
        assert [(finding["rule"], finding["line"], finding["column"]) for finding in linked] == [("not-a-file", 1, 1)] * 2

    def test_a_registry_whose_servers_are_a_link_has_no_readable_entry(self, hostile: tuple[Path, dict[str, str]], tmp_path: Path) -> None:
        root, _ = hostile
        (tmp_path / "servers").symlink_to(root / "servers")
        assert {finding["rule"] for finding in findings(tmp_path, "--servers", ",".join(GOOD[:3]))} == {"not-a-file"}
