"""doctor --repository against a whole GitHub: an adopted registry that is set up as it should be, and each thing that may be wrong with one."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from pinwarden.adapters import adopting, repository_probe
from pinwarden.adapters.actions_io import GitHub
from pinwarden.adoption import files
from pinwarden.callers import RECOMMENDED
from pinwarden.config import Config
from support.commands import SCRIPTS, run_command
from support.file_server import FileServer
from support.github_twin.client import Client
from support.github_twin.faults import Broken, Cut, Drop, Fail
from support.github_twin.repositories import Repository
from support.github_twin.settings import Environment, required_checks
from support.github_twin.tokens import ACTIONS_APP
from support.github_twin.twin import GitHubTwin
from support.github_twin.world import App

COMMIT = "0123456789" * 4
OTHER = "abcdef0123" * 4
APP = 4242
READS = dict.fromkeys(("actions", "administration", "contents", "environments", "metadata", "organization_administration", "secrets", "variables"), "read")
NEEDED = {"checks": "write", "contents": "write", "issues": "write", "pull_requests": "write"}
REVIEW, REPORT, AUDITS = "pinwarden-review", "pinwarden-report", "pinwarden-audits"
CONFIG = ".github/pinwarden.yml"
IMAGE = "the image of Claude Code, which each registry builds for itself"
IMAGES = {"PINWARDEN_IMAGES": f"claude=ghcr.io/acme/pinwarden-agent-claude@sha256:{'a' * 64}"}


@dataclass
class World:
    """An adopted registry of an organisation in gate mode."""

    twin: GitHubTwin
    registry: Repository
    files: dict[str, str]

    def write(self, path: str, text: str | None) -> None:
        """Change a file of the default branch; None removes it."""
        self.twin.world.push(self.registry, "main", {path: text}, message="change")

    def replace(self, path: str, old: str, new: str) -> None:
        assert old in self.files[path]
        self.write(path, self.files[path].replace(old, new))

    def app(self, **changes: Any) -> None:
        self.twin.world.apps[APP] = replace(self.twin.world.apps[APP], **changes)

    def rules(self, *checks: tuple[str, int | None]) -> None:
        """Set the checks that the default branch requires."""
        self.registry.settings.rules = [rule for rule in self.registry.settings.rules if rule[0] != "main"]
        self.registry.settings.rules.append(("main", required_checks(*checks)))

    def token(self, **permissions: str) -> str:
        return self.twin.personal_token("ada", [self.registry], **permissions or READS)

    def checks(self) -> tuple[dict[str, bool | None], dict[str, str]]:
        """Return what is said of each check, and the hints."""
        url = self.twin.url
        told, _ = repository_probe.checks(GitHub(url, url, f"{url}/graphql", self.token()), "acme/registry")
        return {check.name: check.ok for check in told}, {check.name: check.hint for check in told}

    def run(self, token: str | None = None, *arguments: str, name: str = "acme/registry") -> tuple[int, dict[str, bool | None], dict[str, str], str]:
        """Run doctor; return its exit code, what it says of each check, its hints, and what it told on standard error."""
        given = {"GITHUB_API_URL": self.twin.url, "GITHUB_GRAPHQL_URL": f"{self.twin.url}/graphql", "GITHUB_SERVER_URL": self.twin.url}
        given["GITHUB_TOKEN"] = self.token() if token is None else token
        done = run_command("doctor", "--repository", name, "--format", "json", *arguments, given=given)
        checks = json.loads(done.stdout)["checks"] if done.stdout else []
        assert all(set(check) == {"name", "ok", "hint"} for check in checks)
        return done.returncode, {check["name"]: check["ok"] for check in checks}, {check["name"]: check["hint"] for check in checks}, done.stderr


@pytest.fixture
def world(github_twin: GitHubTwin) -> World:
    examples = {name: (adopting.EXAMPLES / f"{name}.yml").read_text() for name in RECOMMENDED}
    adopted = files(examples, COMMIT, Config())
    adopted[CONFIG] += "review:\n  agents: [claude, guarddog]\n"
    registry = github_twin.add("acme/registry", {**adopted, "servers/a/server.yaml": "name: a\n"})
    github_twin.world.organizations.add("acme")
    github_twin.app("pinwarden", NEEDED, number=APP)
    settings = registry.settings
    settings.sha_pinning_required = True
    settings.environments = {
        REVIEW: Environment([("branch", "main")], secrets=["ANTHROPIC_API_KEY"]),
        REPORT: Environment([("branch", "main")], secrets=["PINWARDEN_APP_KEY"]),
    }
    settings.variables = {"PINWARDEN_CLIENT_ID": github_twin.world.apps[APP].client_id} | IMAGES
    settings.rules = [
        ("main", required_checks(("Pins", ACTIONS_APP), ("security-review", APP))),
        (AUDITS, {"type": "deletion"}),
        (AUDITS, {"type": "non_fast_forward"}),
    ]
    registry.actions_may_create_pull_requests = False
    return World(github_twin, registry, adopted)


def test_a_registry_that_is_set_up_passes_every_check(world: World) -> None:
    code, checks, hints, said = world.run()
    assert [(name, hints[name]) for name, ok in checks.items() if ok is not True] == []
    assert (code, len(checks)) == (0, 23)
    assert said == "acme/registry: 16 requests\n"
    assert len(world.twin.asked) == 16
    assert world.twin.writes == 0
    assert world.twin.wrong == []


def without_create(world: World) -> None:
    advisory(world)
    world.registry.actions_may_create_pull_requests = False


def fewer_client_ids(document: dict[str, Any]) -> None:
    for row in document["installations"]:
        del row["client_id"]


def advisory(world: World) -> None:
    world.registry.settings.variables = dict(IMAGES)
    world.registry.settings.environments[REPORT].secrets = []
    world.rules(("Pins", ACTIONS_APP), ("security-review", None))
    world.registry.actions_may_create_pull_requests = True


WRONG: list[tuple[Callable[[World], object], set[str], str]] = [
    (lambda w: w.write(".github/workflows/validate.yml", None), {"a workflow validates the pins", "the check of the pins is required"}, "scripts/run adopt"),
    (lambda w: w.write(".github/workflows/review.yml", None), {"a workflow reviews pull requests"}, 'none of those on "main"'),
    (lambda w: w.write(".github/workflows/nightly.yml", None), {"a workflow proposes bumps"}, "scripts/run adopt"),
    (
        lambda w: w.replace(".github/workflows/review.yml", COMMIT, "0" * 40),
        {"every workflow names a full commit of Pinwarden"},
        ".github/workflows/review.yml: the zeros are still there",
    ),
    (lambda w: w.replace(".github/workflows/nightly.yml", COMMIT, "main"), {"every workflow names a full commit of Pinwarden"}, '"main", which can be moved'),
    (lambda w: w.replace(".github/workflows/nightly.yml", COMMIT, COMMIT[:12]), {"every workflow names a full commit of Pinwarden"}, "can be moved"),
    (
        lambda w: w.write(".github/workflows/x.yml", f"jobs:\n  a: &a\n    uses: pinwarden/pinwarden/.github/workflows/page.yml@{COMMIT}\n"),
        {"every workflow names a full commit of Pinwarden"},
        ".github/workflows/x.yml:2 can't be read: an anchor",
    ),
    (lambda w: w.replace(".github/workflows/nightly.yml", COMMIT, OTHER), {"all of them name the same commit"}, "012345678901 in .github/workflows/review.yml"),
    (lambda w: w.write(CONFIG, "merge:\n  enabled: perhaps\n"), {"the configuration is valid"}, ".github/pinwarden.yml:2"),
    (lambda w: setattr(w.registry.settings, "actions", False), {"Actions may run what the workflows use"}, "Actions are off"),
    (lambda w: setattr(w.registry.settings, "allowed_actions", "local_only"), {"Actions may run what the workflows use"}, "Allow select actions"),
    (lambda w: setattr(w.registry.settings, "allowed_actions", "selected"), {"Actions may run what the workflows use"}, "pinwarden/pinwarden may not run now"),
    (lambda w: setattr(w.registry.settings, "sha_pinning_required", False), {"actions must be pinned to a full commit"}, "Settings → Actions → General"),
    (
        lambda w: setattr(w.registry.settings, "default_workflow_permissions", "write"),
        {"a job's token can only read where its workflow says nothing"},
        "Workflow permissions → Read repository contents",
    ),
    (lambda w: w.registry.settings.environments.pop(REVIEW), {f"environment {REVIEW}: the default branch alone", f"environment {REVIEW}: the secret ANTHROPIC_API_KEY"}, "New environment"),
    (lambda w: setattr(w.registry.settings.environments[REPORT], "patterns", None), {f"environment {REPORT}: the default branch alone"}, "every branch may use it now"),
    (
        lambda w: w.registry.settings.environments.update({REVIEW: Environment(None, protected=True, secrets=["ANTHROPIC_API_KEY"])}),
        {f"environment {REVIEW}: the default branch alone"},
        "every protected branch may use it now",
    ),
    (lambda w: setattr(w.registry.settings.environments[REVIEW], "patterns", []), {f"environment {REVIEW}: the default branch alone"}, "none may use it now"),
    (lambda w: setattr(w.registry.settings.environments[REVIEW], "patterns", [("branch", "main"), ("branch", "release/*")]), {f"environment {REVIEW}: the default branch alone"}, 'branch "release/*"'),
    (lambda w: setattr(w.registry.settings.environments[REVIEW], "patterns", [("tag", "main")]), {f"environment {REVIEW}: the default branch alone"}, 'tag "main"'),
    (lambda w: setattr(w.registry.settings.environments[REVIEW], "patterns", [("branch", "mai*")]), {f"environment {REVIEW}: the default branch alone"}, 'branch "mai*"'),
    (lambda w: w.registry.settings.environments[REVIEW].secrets.clear(), {f"environment {REVIEW}: the secret ANTHROPIC_API_KEY"}, "Add environment secret → ANTHROPIC_API_KEY"),
    (lambda w: w.registry.settings.environments[REPORT].secrets.clear(), {f"environment {REPORT}: the secret PINWARDEN_APP_KEY"}, f"{REPORT} → Environment secrets"),
    (lambda w: w.registry.settings.secrets.append("PINWARDEN_APP_KEY"), {"no key is where every workflow gets it"}, "remove PINWARDEN_APP_KEY"),
    (lambda w: w.registry.settings.shared_secrets.append("OPENAI_API_KEY"), {"no key is where every workflow gets it"}, "remove OPENAI_API_KEY"),
    (lambda w: w.registry.settings.variables.clear(), {IMAGE, "the variable PINWARDEN_CLIENT_ID", "the App is installed with what it needs"}, "New repository variable"),
    (lambda w: w.app(permissions={**NEEDED, "checks": "read"}), {"the App is installed with what it needs"}, "checks: write; then accept"),
    (lambda w: w.app(permissions={"contents": "write"}), {"the App is installed with what it needs"}, "checks: write, issues: write, pull-requests: write"),
    (lambda w: w.app(suspended=True), {"the App is installed with what it needs"}, "suspended"),
    (lambda w: w.twin.world.apps.pop(APP), {"the App is installed with what it needs"}, "Install App"),
    (lambda w: w.rules(("Pins", ACTIONS_APP), ("security-review", 7)), {"security-review is required from this App"}, "App 7, not pinwarden (4242)"),
    (lambda w: w.rules(("security-review", APP)), {"the check of the pins is required"}, 'add "Pins", source GitHub Actions'),
    (lambda w: w.rules(("Pins", APP), ("security-review", APP)), {"the check of the pins is required"}, 'add "Pins"'),
    (lambda w: w.rules(("Pins", None)), {"security-review is required", "security-review is required from an App of your own"}, "Settings → Rules → Rulesets"),
    (lambda w: w.rules(("Pins", None), ("security-review", None)), {"security-review is required from an App of your own"}, "can imitate it"),
    (lambda w: w.rules(("Pins", None), ("security-review", ACTIONS_APP)), {"security-review is required from an App of your own"}, "can imitate it"),
    (lambda w: w.registry.settings.rules.remove((AUDITS, {"type": "deletion"})), {f"records on {AUDITS} can't be removed or rewritten"}, "Restrict deletions"),
    (lambda w: w.registry.settings.rules.remove((AUDITS, {"type": "non_fast_forward"})), {f"records on {AUDITS} can't be removed or rewritten"}, "Block force pushes"),
    (lambda w: w.registry.settings.rules.append(("*", {"type": "update"})), {f"the job that records may write {AUDITS}"}, "covers pinwarden-audits with update"),
    (advisory, {"security-review is required from an App of your own"}, "advisory mode"),
    (
        without_create,
        {"security-review is required from an App of your own", "GitHub Actions may create pull requests"},
        "Allow GitHub Actions to create and approve pull requests",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("change", "broken", "words"), WRONG, ids=[str(number) for number in range(len(WRONG))])
def test_what_is_wrong_is_told_with_its_menu_path_and_nothing_else_is(world: World, change: Callable[[World], object], broken: set[str], words: str) -> None:
    change(world)
    checks, hints = world.checks()
    assert {name for name, ok in checks.items() if ok is False} == broken
    assert {name for name, ok in checks.items() if ok is None} <= {f"environment {REVIEW}: the keys of the reviewers"}
    assert any(words in hints[name] for name in broken), [hints[name] for name in broken]


@pytest.mark.parametrize(
    ("patterns", "github_owned", "ok"),
    [
        (["pinwarden/pinwarden@*", "pinwarden/pinwarden/*"], True, True),
        (["pinwarden/*"], True, True),
        ([f"pinwarden/pinwarden@{COMMIT}", f"pinwarden/pinwarden/*@{COMMIT}"], True, True),
        (["pinwarden/pinwarden@*"], True, False),
        (["pinwarden/*", "!pinwarden/pinwarden/actions/*"], True, False),
        (["pinwarden/*"], False, False),
        (["pinwarden/*", "actions/*"], False, True),
    ],
    ids=str,
)
def test_selected_actions_are_those_that_the_workflows_use(world: World, patterns: list[str], github_owned: bool, ok: bool) -> None:
    settings = world.registry.settings
    settings.allowed_actions, settings.patterns_allowed, settings.github_owned_allowed = "selected", patterns, github_owned
    assert world.checks()[0]["Actions may run what the workflows use"] is ok


@pytest.mark.parametrize(
    ("lacking", "unread"),
    [
        ("administration", {"Actions may run what the workflows use", "actions must be pinned to a full commit", "a job's token can only read where its workflow says nothing"}),
        ("environments", {f"environment {REVIEW}: the secret ANTHROPIC_API_KEY", f"environment {REPORT}: the secret PINWARDEN_APP_KEY"}),
        ("secrets", {"no key is where every workflow gets it"}),
        ("variables", {IMAGE, "the variable PINWARDEN_CLIENT_ID", "the App is installed with what it needs"}),
        ("organization_administration", {"the App is installed with what it needs"}),
    ],
)  # fmt: skip
def test_what_the_token_may_not_read_is_not_known_and_never_well(world: World, lacking: str, unread: set[str]) -> None:
    permissions = {name: level for name, level in READS.items() if name != lacking}
    code, checks, hints, _ = world.run(world.token(**permissions))
    assert {name for name, ok in checks.items() if ok is None} == unread
    assert {ok for name, ok in checks.items() if name not in unread} == {True}
    wanted = "administration: read" if "administration" in lacking else f"{lacking}: read"
    assert all(f"the token needs {'the organisation' if 'organization' in lacking else ''}" in hints[name] and wanted in hints[name] for name in unread)
    assert code == 3


def test_what_is_known_to_be_wrong_counts_before_what_is_not_known(world: World) -> None:
    world.registry.settings.sha_pinning_required = False
    assert world.run(world.token(**{**READS, "secrets": "none"}))[0] == 1


INSTALLED = "the App is installed with what it needs"


def reviewed(world: World, app: int, **changes: Any) -> None:
    """Let an App make the check of a pull request that is open."""
    world.app(**changes)
    branch = f"b{len(world.registry.pulls)}"
    head = world.twin.world.push(world.registry, branch, {branch: "x"})
    token = world.token(contents="write", pull_requests="write")
    client = Client(world.twin.url, token)
    assert client.ask("POST", "/repos/acme/registry/pulls", {"title": "x", "head": branch, "base": "main"}).status == 201
    maker = world.twin.actions_token(world.registry, checks="write") if app == ACTIONS_APP else world.twin.app_token(world.twin.world.apps[app])
    assert Client(world.twin.url, maker).ask("POST", "/repos/acme/registry/check-runs", {"name": "security-review", "head_sha": head}).status == 201


def test_the_app_of_a_person_s_registry_is_known_by_its_checks(world: World) -> None:
    world.twin.world.organizations.clear()
    code, checks, hints, _ = world.run()
    assert {name for name, ok in checks.items() if ok is not True} == {INSTALLED}
    assert "no App made security-review on one of the last pull requests" in hints[INSTALLED]
    assert code == 3
    reviewed(world, ACTIONS_APP)
    assert world.checks()[0][INSTALLED] is None
    reviewed(world, APP)
    code, checks, _, said = world.run(world.token(**{**READS, "organization_administration": "none"}))
    assert (code, set(checks.values()), said) == (0, {True}, "acme/registry: 14 requests\n")
    world.app(permissions={**NEEDED, "issues": "read"})
    checks, hints = world.checks()
    assert (checks[INSTALLED], "issues: write" in hints[INSTALLED]) == (False, True)


def test_all_pages_are_read(world: World) -> None:
    settings = world.registry.settings
    settings.variables = {f"V{number}": "x" for number in range(61)} | settings.variables
    settings.secrets = [f"S{number}" for number in range(200)]
    settings.rules = [("main", {"type": "required_linear_history"})] * 230 + settings.rules
    assert world.run()[::3] == (0, "acme/registry: 21 requests\n")
    settings.secrets.append("PINWARDEN_APP_KEY")
    assert world.checks()[0]["no key is where every workflow gets it"] is False


def test_there_is_an_end_of_pages(world: World) -> None:
    world.registry.settings.secrets = [f"S{number}" for number in range(1001)]
    code, checks, hints, said = world.run()
    assert {name for name, ok in checks.items() if ok is not True} == {"no key is where every workflow gets it"}
    assert "more than 1000" in hints["no key is where every workflow gets it"]
    assert (code, said) == (3, "acme/registry: 25 requests\n")


@pytest.mark.parametrize("fault", [Fail(502), Fail(500), Fail(418), Cut(10), Drop()], ids=repr)
def test_a_question_that_fails_loses_its_own_answer_alone_or_all_that_come_after(world: World, fault: Any) -> None:
    world.twin.fault(fault, operation="actions/list-repo-organization-secrets", times=None)
    code, checks, _, _ = world.run()
    assert checks["no key is where every workflow gets it"] is None
    assert checks["security-review is required"] is True
    assert False not in checks.values()
    assert code == 3
    assert len(world.twin.asked) <= 18


def test_a_failure_that_passes_is_asked_once_more(world: World) -> None:
    world.twin.fault(Fail(502), operation="repos/get-environment")
    assert world.run()[::3] == (0, "acme/registry: 17 requests\n")


def test_at_a_limit_nothing_more_is_asked(world: World) -> None:
    world.twin.fault(Fail(403, message="You have exceeded a secondary rate limit."), operation="repos/get-environment", times=None)
    code, checks, hints, _ = world.run()
    assert {hints[name] for name, ok in checks.items() if ok is None} == {"127.0.0.1: the API's rate limit is reached; run again later"}
    assert code == 3
    assert len(world.twin.asked) == 2


@pytest.mark.parametrize("document", [{}, {"secrets": {}}, {"secrets": 7}, {"secrets": [7]}, {"secrets": [{"name": 7}]}], ids=str)
def test_an_answer_of_another_form_is_none(world: World, document: dict[str, object]) -> None:
    world.twin.fault(Fail(200, extra=document), operation="actions/list-repo-secrets", times=None)
    code, checks, hints, _ = world.run()
    assert {name for name, ok in checks.items() if ok is not True} == {"no key is where every workflow gets it"}
    assert "in a form that GitHub does not describe" in hints["no key is where every workflow gets it"]
    assert code == 3


def test_a_token_that_is_wrong_ends_it(world: World) -> None:
    code, checks, _, said = world.run("ghs_wrong")
    assert (code, checks) == (3, {})
    assert "does not accept the token" in said


def test_without_a_token_nothing_is_asked(world: World) -> None:
    code, checks, _, said = world.run("")
    assert (code, checks, world.twin.asked) == (2, {}, [])
    assert "set GITHUB_TOKEN" in said


@pytest.mark.parametrize("name", ["acme/other", "acme/secret"])
def test_a_repository_that_is_not_there_or_hidden_is_said_to_be(world: World, name: str) -> None:
    world.twin.add("acme/secret", {"a": "b"}).private = True
    code, checks, _, said = world.run(name=name)
    assert (code, checks) == (3, {})
    assert "there is no such repository" in said


@pytest.mark.parametrize("name", ["acme", "acme/registry/x", "acme/registry?x", "../registry\n", "a b/c"])
def test_a_name_that_is_none_is_misuse(world: World, name: str) -> None:
    assert world.run(name=name)[0] == 2
    assert world.twin.asked == []


def test_a_repository_that_moved_is_said_to_have(world: World) -> None:
    world.twin.world.rename(world.registry, "acme/catalog")
    code, _, _, said = world.run()
    assert code == 2
    assert "is called acme/catalog now" in said


def test_names_of_others_can_t_move_a_cursor_or_start_a_command(world: World) -> None:
    evil = "::error::x\x1b[2J\n"
    world.write(".github/workflows/x.yml", 'jobs:\n  a:\n    uses: "pinwarden/pinwarden/x@\\e[2J\\n::error::"\n')
    world.write(".github/workflows/\x1b.yml", "pinwarden/pinwarden: &a\n")
    world.registry.settings.environments[REVIEW].patterns = [("branch", evil)]
    world.registry.settings.environments[REPORT].patterns = [("tag", "##[error]x")]
    _, hints = world.checks()
    assert "\\u001b" in hints["every workflow names a full commit of Pinwarden"]
    assert "::error::x\\u001b" in hints[f"environment {REVIEW}: the default branch alone"]
    assert not any("\x1b" in hint or "\n" in hint or "##[" in hint for hint in hints.values())


def test_it_is_told_for_people_as_well(world: World) -> None:
    done = run_command(
        "doctor", "--repository", "acme/registry", given={"GITHUB_API_URL": world.twin.url, "GITHUB_TOKEN": world.token(**{**READS, "secrets": "none"})}
    )
    lines = done.stdout.splitlines()
    assert lines[0] == "✔ a workflow validates the pins"
    assert "? no key is where every workflow gets it: 127.0.0.1 answered 403; the token needs secrets: read" in lines
    assert done.returncode == 3


def test_another_branch_may_be_the_default_one(github_twin: GitHubTwin, world: World) -> None:
    world.registry.git.run("branch", "-m", "main", "trunk/next")
    assert f"environment {REVIEW}: the default branch alone" in {name for name, ok in world.checks()[0].items() if ok is False}
    for environment in world.registry.settings.environments.values():
        environment.patterns = [("branch", "trunk/next")]
    world.registry.settings.rules = [("trunk/next" if pattern == "main" else pattern, rule) for pattern, rule in world.registry.settings.rules]
    assert world.run()[0] == 0


def test_a_caller_of_the_reusable_workflows_has_another_check(world: World) -> None:
    text = (adopting.EXAMPLES / "validate-reusable.yml").read_text().replace("0" * 40, COMMIT)
    world.write(".github/workflows/validate.yml", text)
    checks, hints = world.checks()
    assert checks["the check of the pins is required"] is False
    assert 'add "Validate / Pins"' in hints["the check of the pins is required"]
    world.rules(("Validate / Pins", ACTIONS_APP), ("security-review", APP))
    assert world.run()[0] == 0


def test_a_registry_without_a_configuration_needs_no_key(world: World) -> None:
    world.write(CONFIG, None)
    world.registry.settings.environments[REVIEW].secrets = []
    assert world.run()[0] == 0


def test_an_app_of_an_older_server_is_known_by_its_number(world: World, github_twin: GitHubTwin) -> None:
    github_twin.fault(Broken(fewer_client_ids), operation="orgs/list-app-installations", times=None)
    assert world.run()[0] == 0
    world.rules(("Pins", None), ("security-review", 7))
    assert world.checks()[0]["the App is installed with what it needs"] is False


def test_the_app_is_one_of_many(world: World) -> None:
    for number in range(150):
        world.twin.world.apps[number] = App(number, f"other-{number}", {})
    assert world.run()[0] == 0


def test_the_page_names_every_check_in_its_table_and_shows_them_in_their_order(world: World) -> None:
    page = (SCRIPTS.parent / "docs" / "doctor.md").read_text()
    table = page.partition("## The checks")[2]
    gate = world.checks()[0]
    advisory(world)
    assert [name for name in gate | world.checks()[0] if name not in table] == []
    shown = [line for line in page.splitlines() if line[:2] in ("✔ ", "✘ ", "? ")]
    assert [name for name, line in zip(gate, shown, strict=True) if not line[2:].startswith(name)] == []


def test_the_token_goes_nowhere_that_an_answer_sends_it(world: World) -> None:
    """The control: the same answer, not followed, is told as what it is."""
    with FileServer() as api, FileServer() as elsewhere:
        path = "/repos/acme/registry/actions/permissions/workflow"
        api.files[path] = f"{elsewhere.url}{path}"
        told, _ = repository_probe.checks(GitHub(api.url, api.url, f"{world.twin.url}/graphql", world.token()), "acme/registry")
        assert path in api.asked
        assert elsewhere.asked == []
    hints = {check.name: check.hint for check in told if check.ok is None}
    assert "answered 302" in hints["a job's token can only read where its workflow says nothing"]
