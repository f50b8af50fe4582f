"""Settings → checks, with nothing around: what could not be read never holds, and what is wrong is told whatever else is not known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinwarden import settings as reading
from pinwarden.callers import Use
from pinwarden.config import Config, ReviewConfig
from pinwarden.doctor import Check, as_table
from pinwarden.menu import APP_KEY, APP_PERMISSIONS, CLIENT_ID, IMAGES, REPORT, REVIEW
from pinwarden.reviewer import Agent
from pinwarden.setting_checks import in_gate_mode, setting_checks
from pinwarden.settings import (
    ACTIONS_APP,
    ActionsPolicy,
    Branches,
    Installation,
    Repository,
    RequiredCheck,
    Rules,
    Settings,
    TokenPolicy,
    Unread,
)

COMMIT = "0123456789" * 4
ONLY = Branches(protected=False, patterns=(("branch", "main"),))
APP = Installation(7, "Iv1.7", "pinwarden", APP_PERMISSIONS, suspended=False)
USES = (Use("v.yml", "Pins", "", COMMIT), Use("r.yml", "Plan", "actions/plan-reviews", COMMIT))
CONFIG = Config(review=ReviewConfig(agents=(Agent.CLAUDE, Agent.CODEX)))
GOOD = Settings(
    Repository("acme/registry", "main", organization=True, workflows={}, config=None),
    Rules(frozenset({"required_status_checks"}), (RequiredCheck("Pins", ACTIONS_APP), RequiredCheck("security-review", 7))),
    Rules(frozenset({"deletion", "non_fast_forward"})),
    {REVIEW: ONLY, REPORT: ONLY},
    {REVIEW: frozenset({"ANTHROPIC_API_KEY", "OPENAI_API_KEY"}), REPORT: frozenset({APP_KEY})},
    frozenset({"OTHER"}),
    {CLIENT_ID: "Iv1.7", IMAGES: "proxy=x claude=ghcr.io/a/b@sha256:c"},
    ActionsPolicy(enabled=True, pinned=True),
    TokenPolicy("read", may_create_pull_requests=False),
    (APP,),
)
BAD = Settings(
    GOOD.repository,
    Rules(),
    Rules(frozenset({"pull_request"})),
    {REVIEW: None, REPORT: Branches(protected=True, patterns=None)},
    {REVIEW: frozenset(), REPORT: frozenset()},
    frozenset({APP_KEY}),
    {CLIENT_ID: ""},
    ActionsPolicy(enabled=True, allowed="local_only", pinned=False),
    TokenPolicy("write", may_create_pull_requests=False),
    (),
)
UNREAD = Unread("not told", "x: read")
FACTS = [field.name for field in fields(Settings) if field.name != "repository"]


def told(settings: Settings, config: Config | Unread = CONFIG) -> dict[str, bool | None]:
    checks = list(setting_checks(settings, USES, config))
    assert len({check.name for check in checks}) == len(checks)
    assert all(bool(check.hint) == (check.ok is not True) for check in checks)
    return {check.name: check.ok for check in checks}


def without(settings: Settings, facts: frozenset[str]) -> Settings:
    unread: dict[str, Any] = dict.fromkeys(facts, UNREAD)
    unread |= {name: {REVIEW: UNREAD, REPORT: UNREAD} for name in facts & {"environments", "environment_secrets"}}
    return replace(settings, **unread)


def test_all_that_is_well_holds() -> None:
    assert set(told(GOOD).values()) == {True}


def test_all_that_is_wrong_is_told() -> None:
    assert [name for name, ok in told(BAD).items() if ok is not False] == []


@given(st.frozensets(st.sampled_from(FACTS)))
def test_what_could_not_be_read_never_holds_and_changes_nothing_of_the_rest(facts: frozenset[str]) -> None:
    whole, part = told(GOOD), told(without(GOOD, facts))
    assert set(part.values()) <= {True, None}
    assert {name for name, ok in part.items() if ok} <= {name for name, ok in whole.items() if ok}
    assert bool(facts) == (None in part.values())
    assert True not in told(without(BAD, facts)).values()


@pytest.mark.parametrize("fact", FACTS)
def test_each_fact_alone_is_what_some_check_rests_on(fact: str) -> None:
    assert None in told(without(GOOD, frozenset({fact}))).values()


def test_a_configuration_that_can_t_be_read_leaves_the_keys_open() -> None:
    checks = told(GOOD, UNREAD)
    assert checks[f"environment {REVIEW}: the keys of the reviewers"] is None
    assert f"environment {REVIEW}: the secret OPENAI_API_KEY" not in checks


def test_who_reviews_without_a_model_needs_no_key() -> None:
    assert not [name for name in told(GOOD, Config()) if "API_KEY" in name]


@pytest.mark.parametrize(
    ("change", "gate"),
    [
        (lambda s: s, True),
        (lambda s: replace(s, variables={}), True),
        (lambda s: replace(s, variables={}, environment_secrets={REVIEW: frozenset(), REPORT: frozenset()}), True),
        (lambda s: replace(s, variables={}, rules=Rules()), True),
        (lambda s: replace(s, variables={}, environment_secrets={REVIEW: frozenset(), REPORT: frozenset()}, rules=Rules()), False),
        (lambda s: replace(s, variables=UNREAD, environment_secrets={REVIEW: frozenset(), REPORT: frozenset()}, rules=Rules()), UNREAD),
        (lambda s: replace(s, variables=UNREAD), True),
    ],
    ids=["all", "no variable", "ruleset alone", "secret alone", "nothing", "not known", "one sign is enough"],
)
def test_any_sign_is_gate_mode_and_only_none_of_all_is_advisory(change: Callable[[Settings], Settings], gate: object) -> None:
    assert in_gate_mode(change(GOOD)) == gate


@pytest.mark.parametrize("kind", ["creation", "merge_queue", "pull_request", "required_deployments", "required_status_checks", "update", "workflows"])
def test_each_rule_under_which_no_job_adds_a_commit_is_told_of_the_records_branch(kind: str) -> None:
    rules = Rules(frozenset({"deletion", "non_fast_forward", kind}))
    assert [name for name, ok in told(replace(GOOD, audit_rules=rules)).items() if not ok] == ["the job that records may write pinwarden-audits"]


@pytest.mark.parametrize("level", ["write", "admin"])
def test_more_than_is_needed_is_enough(level: str) -> None:
    assert set(told(replace(GOOD, installations=(replace(APP, permissions=dict.fromkeys(APP_PERMISSIONS, level)),))).values()) == {True}


def test_a_sign_for_each_answer() -> None:
    checks = [Check("a", ok=True, hint=""), Check("b", ok=False, hint="do"), Check("c", ok=None, hint="why")]
    assert as_table(checks) == "✔ a\n✘ b: do\n? c: why\n"


READERS: list[tuple[Callable[[Any], object], Any]] = [
    (reading.rules_of, [{"type": "required_status_checks", "parameters": {"required_status_checks": [{"context": "x", "integration_id": 7}]}}]),
    (lambda d: reading.branches_of(d, [{"name": "main", "type": "branch"}]), {"deployment_branch_policy": {"protected_branches": False, "custom_branch_policies": True}}),
    (lambda d: reading.branches_of({"deployment_branch_policy": None}, d), [{"name": "main"}]),
    (reading.has_own_branches, {"deployment_branch_policy": {"protected_branches": False, "custom_branch_policies": True}}),
    (reading.secrets_of, [{"name": "A"}]),
    (reading.variables_of, [{"name": "A", "value": "b"}]),
    (lambda d: reading.actions_of(d, None), {"enabled": True, "allowed_actions": "all", "sha_pinning_required": True}),
    (lambda d: reading.actions_of({"enabled": True, "allowed_actions": "selected"}, d), {"github_owned_allowed": True, "patterns_allowed": ["a"]}),
    (reading.tokens_of, {"default_workflow_permissions": "read", "can_approve_pull_request_reviews": True}),
    (reading.installations_of, [{"app_id": 7, "client_id": "x", "app_slug": "x", "permissions": {"checks": "read"}, "suspended_at": None}]),
    (reading.repository_of, {"nameWithOwner": "a/b", "owner": {"__typename": "User"}, "defaultBranchRef": {"name": "main"}, "workflows": {"entries": [{"name": "a.yml", "object": {"text": "x", "isTruncated": False}}]}, "config": None, "pullRequests": {"nodes": [{"headRefOid": COMMIT}]}}),
    (reading.checking_apps_of, [{"app": {"id": 7, "slug": "x", "permissions": {"checks": "write"}}}]),
]  # fmt: skip
JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2), max_leaves=5)  # fmt: skip


@st.composite
def spoilt(draw: st.DrawFn) -> tuple[Callable[[Any], object], Any]:
    """Draw an answer in which one value was put in the place of another."""
    read, answer = draw(st.sampled_from(READERS))

    def put(node: Any) -> Any:
        if not isinstance(node, dict | list) or not node or draw(st.integers(0, 3)) == 0:
            return draw(JSON)
        if isinstance(node, list):
            return [put(node[0]), *node[1:]]
        key = draw(st.sampled_from(sorted(node)))
        return {**node, key: put(node[key])}

    return read, put(answer)


@given(spoilt())
def test_an_answer_of_any_other_form_is_one_of_four_errors(case: tuple[Callable[[Any], object], Any]) -> None:
    read, answer = case
    try:
        read(answer)
    except (KeyError, TypeError, ValueError, AttributeError):
        return


@pytest.mark.parametrize("number", range(len(READERS)))
def test_control_each_answer_is_read_as_github_describes_it(number: int) -> None:
    read, answer = READERS[number]
    read(answer)


@pytest.mark.parametrize(
    ("blob", "content"),
    [
        ({"text": "x", "isTruncated": False}, b"x"),
        ({"text": "", "isTruncated": False}, b""),
        ({"text": "x", "isTruncated": True}, None),
        ({"text": None, "isTruncated": False}, None),
        ({}, None),
        (None, None),
    ],
    ids=str,
)
def test_a_file_that_is_not_whole_is_none(blob: dict[str, object] | None, content: bytes | None) -> None:
    answer = {**READERS[-2][1], "workflows": {"entries": [{"name": "a.yml", "object": blob}, {"name": "README.md", "object": None}]}}
    found = reading.repository_of(answer)
    assert found.workflows == {".github/workflows/a.yml": content}
    config = reading.repository_of({**answer, "workflows": None, "config": blob and {"__typename": "Blob", **blob}}).config
    assert config == (content if content is not None or blob is None else Unread("it is no small text file"))
    assert reading.repository_of({**answer, "config": {"__typename": "Tree"}}).config == Unread("it is no small text file")


def test_the_app_behind_a_check_is_told_with_it_and_that_of_all_jobs_is_none() -> None:
    app = {"id": 7, "client_id": "Iv1.7", "slug": "pinwarden", "permissions": dict(APP_PERMISSIONS), "events": []}
    assert reading.checking_apps_of([{"app": None}, {"app": {**app, "id": ACTIONS_APP}}, {"app": app}]) == (APP,)


def test_a_head_that_is_no_commit_is_refused() -> None:
    with pytest.raises(ValueError, match="not a commit"):
        reading.repository_of({**READERS[-2][1], "pullRequests": {"nodes": [{"headRefOid": "../x"}]}})


def test_actions_that_are_off_or_of_another_server_tell_less() -> None:
    assert reading.actions_of({"enabled": False}, None).enabled is False
    settings = replace(GOOD, actions=reading.actions_of({"enabled": True, "allowed_actions": "all"}, None))
    assert told(settings)["actions must be pinned to a full commit"] is None
