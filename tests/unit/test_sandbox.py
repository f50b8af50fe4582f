"""The sandbox as values: what Compose is told, what the ledger says, which images, which prompt."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pinwarden.errors import Misuse
from pinwarden.ledger import Spent, spent
from pinwarden.prompt import PARTS, prompt_for
from pinwarden.report import SECTIONS, read_report
from pinwarden.review import Run
from pinwarden.reviewer import Agent
from pinwarden.risk import Risk
from pinwarden.sandbox import PROVIDERS, Sandbox, images_of
from pinwarden.steps import NotAStep, StageResult, ran_document, read_ran, read_staged, staged_document
from pinwarden.surface.fact import Change, Item, Kind, Surface
from pinwarden.target import Evidence, NotRead, Side, Target

SANDBOX = Path(__file__).resolve().parents[2] / "actions" / "run-review" / "sandbox"
COMPOSE = (SANDBOX / "compose.yaml").read_text()
SERVICES = yaml.safe_load(COMPOSE)["services"]
TEMPLATES = {name: (SANDBOX / "prompt" / f"{name}.md").read_text() for name in PARTS}
TARGET = Target("mail", "https://github.com/ada/mail", "a" * 40, "b" * 40, "servers/mail")
FULL = Sandbox("0" * 12, "me", "me", 1, "/in", "agent", "proxy", PROVIDERS[Agent.CLAUDE], "m", "token", "/key")


class TestCompose:
    def test_every_variable_is_given_and_none_is_made_up(self) -> None:
        asked = set(re.findall(r"\$\{([A-Z_]+)", COMPOSE))
        assert asked | {"COMPOSE_PROFILES"} == FULL.variables().keys()

    def test_no_variable_holds_the_key(self) -> None:
        assert FULL.variables()["PINWARDEN_KEY_FILE"] == "/key"
        assert "key" not in " ".join(value for name, value in FULL.variables().items() if name != "PINWARDEN_KEY_FILE")

    def test_an_agent_without_a_provider_gets_no_proxy_and_no_token(self) -> None:
        alone = Sandbox("0" * 12, "me", "me", 1, "/in", "agent").variables()
        assert not {"COMPOSE_PROFILES", "PINWARDEN_CLIENT_TOKEN", "PINWARDEN_KEY_FILE"} & alone.keys()

    @pytest.mark.parametrize("name", SERVICES)
    def test_every_container_is_closed(self, name: str) -> None:
        service = SERVICES[name]
        assert (service["read_only"], service["cap_drop"], service["init"], service["restart"]) == (True, ["ALL"], True, "no")
        assert service["security_opt"] == ["no-new-privileges:true", "seccomp:seccomp.json"]
        assert {"pids_limit", "mem_limit", "memswap_limit", "user"} <= service.keys()
        assert service["ipc"] == "private"
        assert not {"privileged", "cap_add", "devices", "pid", "ports", "extra_hosts", "build"} & service.keys()
        assert not service["user"].startswith("0")

    def test_only_the_proxy_has_a_network_and_a_secret(self) -> None:
        assert {name: service.get("network_mode") for name, service in SERVICES.items()} == {"agent": "none", "proxy": None, "keeper": "none"}
        assert [name for name, service in SERVICES.items() if "secrets" in service] == ["proxy"]

    def test_volumes_are_as_the_engine_must_mount_them(self) -> None:
        mounts = {(name, mount["target"]): mount for name, service in SERVICES.items() for mount in service["volumes"]}
        assert [place for place, mount in mounts.items() if not mount.get("read_only")] == [("agent", "/out"), ("proxy", "/run/proxy")]
        assert all(mount["volume"] == {"nocopy": True} for mount in mounts.values() if mount["type"] == "volume")


def test_the_filter_knows_no_way_out() -> None:
    rules = json.loads((SANDBOX / "seccomp.json").read_text())
    free = {name for rule in rules["syscalls"] if rule["action"] == "SCMP_ACT_ALLOW" and not rule.get("args") for name in rule["names"]}
    assert rules["defaultAction"] == "SCMP_ACT_ERRNO"
    assert not free & {
        "socket",
        "clone",
        "clone3",
        "unshare",
        "setns",
        "mount",
        "ptrace",
        "bpf",
        "keyctl",
        "userfaultfd",
        "io_uring_setup",
        "perf_event_open",
        "personality",
    }
    assert not free & {
        "socketpair",
        "process_vm_readv",
        "process_vm_writev",
        "init_module",
        "finit_module",
        "delete_module",
        "fsopen",
        "fsmount",
        "move_mount",
        "open_tree",
    }
    assert not free & {
        "kexec_load",
        "reboot",
        "swapon",
        "pivot_root",
        "chroot",
        "umount2",
        "open_by_handle_at",
        "name_to_handle_at",
        "kcmp",
        "pidfd_getfd",
        "quotactl",
    }
    families = {rule["args"][0]["value"] for rule in rules["syscalls"] if "socket" in rule["names"]}
    assert families == {1, 2, 10, 16}  # unix, IPv4, IPv6, netlink
    assert all(len(rule["args"]) == 3 for rule in rules["syscalls"] if rule["names"] == ["socket"] and rule["args"][0]["value"] in (2, 10))


class TestLedger:
    def line(self, **more: object) -> bytes:
        return json.dumps({"decision": "forwarded", "reason": "", "requests": 1, "tokens": 10} | more).encode()

    def test_a_budget_that_is_spent_is_told_however_many_refusals_came_before(self) -> None:
        from proxy.ledger import MOST_REFUSALS, Entry, Ledger

        ledger = Ledger()
        told = [ledger.text(Entry(reason="token", status=401), time="", requests=number, tokens=0) for number in range(MOST_REFUSALS + 5)]
        told.append(ledger.text(Entry(reason="requests", status=429), time="", requests=300, tokens=0))
        found = spent(line.encode() for line in told if line)
        assert (found.stopped, found.refused, found.requests) == (True, MOST_REFUSALS + 6, 300)

    def test_totals_are_the_last(self) -> None:
        assert spent([self.line(), self.line(requests=2, tokens=30)]) == Spent(2, 30, 0, stopped=False)

    def test_refusals_are_counted_and_a_spent_budget_is_told(self) -> None:
        refused = self.line(decision="refused", reason="tool-type", requests=3)
        assert spent([refused, self.line(decision="refused", reason="tokens", requests=4)]) == Spent(4, 10, 2, stopped=True)
        assert not spent([self.line(decision="refused", reason="parallel")]).stopped

    @pytest.mark.parametrize(
        "line",
        [
            b"",
            b"x",
            b"[]",
            b"{}",
            b'{"requests": "1", "tokens": 1, "decision": "", "reason": ""}',
            b'{"requests": -1, "tokens": 1, "decision": "", "reason": ""}',
            b"[" * 10_000,
        ],
    )
    def test_what_is_no_line_of_it_is_passed_over(self, line: bytes) -> None:
        assert spent([line]) == Spent()

    @given(st.lists(st.binary(max_size=60)))
    def test_nothing_raises(self, lines: list[bytes]) -> None:
        assert spent(lines, Spent(5, 6)).requests >= 5


RELEASED = {"claude": "a", "proxy": "b"}


class TestImages:
    def test_named_ones_take_the_place_of_the_released(self) -> None:
        assert images_of(RELEASED, " claude=registry.example/x@sha256:0 ") == {"claude": "registry.example/x@sha256:0", "proxy": "b"}

    @pytest.mark.parametrize("named", ["claude", "claude=", "other=x", "claude=--privileged", "=x"])
    def test_what_names_none_is_misuse(self, named: str) -> None:
        with pytest.raises(Misuse):
            images_of(RELEASED, named)


class TestPrompt:
    def test_it_names_both_commits_and_the_built_folder(self) -> None:
        text = prompt_for(TARGET, TEMPLATES)
        assert all(part in text for part in ("a" * 40, "b" * 40, "`servers/mail`", "diff base head -- servers/mail"))
        assert "$" not in re.sub(r"`[^`]*`", "", text)

    def test_a_full_one_speaks_of_no_base(self) -> None:
        text = prompt_for(Target("mail", TARGET.project, "a" * 40), TEMPLATES)
        assert "/in/base" not in text
        assert "folder `.`" in text

    def test_its_example_of_a_report_keeps_to_the_grammar(self) -> None:
        report = "\n".join(line.removeprefix("    ") for line in TEMPLATES["report"].splitlines())
        (finding,) = read_report(report.encode()).findings
        assert [place.side for place in finding.evidence] == [Side.HEAD, Side.BASE]
        assert all(f"## {section}" in TEMPLATES["report"] for section in SECTIONS)

    @pytest.mark.parametrize("word", ["instruction", "tool", "recipient", "blind", "DNS", "log", "Credentials", "install", "weaker", "waits", "smallest"])
    def test_it_says_what_to_look_for(self, word: str) -> None:
        assert word in prompt_for(TARGET, TEMPLATES)


RESULT = StageResult(Surface((Item(Kind.HOST, Change.ADDED, "x", Risk.LOW, "names x", (Evidence(Side.HEAD, "a", 1),)),), ("r",)), (NotRead("p", "why", changed=True),), ("reason",))  # fmt: skip
RUN = Run(Agent.CODEX, "1", "then", "now", model="m", images={"agent": "sha256:0"}, usage={"requests": 1}, failures=("f",))


class TestSteps:
    def test_what_is_written_is_read(self) -> None:
        assert read_staged(json.loads(json.dumps(staged_document(TARGET, RESULT))), TARGET) == RESULT
        assert read_ran(json.loads(json.dumps(ran_document("p", RUN)))) == ("p", RUN)

    def test_another_target_is_refused(self) -> None:
        with pytest.raises(NotAStep, match="another target"):
            read_staged(staged_document(TARGET, RESULT), Target("other", TARGET.project, "a" * 40))

    @pytest.mark.parametrize("document", [None, [], {}, {"target": 1}, {"agent": "x"}, {"project": "p", "agent": "claude"}])
    def test_anything_else_is_refused(self, document: object) -> None:
        with pytest.raises(NotAStep):
            read_staged(document, TARGET)
        with pytest.raises(NotAStep):
            read_ran(document)
