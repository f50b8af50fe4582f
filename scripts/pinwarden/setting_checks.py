"""What of a registry's settings holds: settings → checks. Each says where to mend it; what could not be read never holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatchcase
from functools import partial

from pinwarden import menu
from pinwarden.callers import TOOLKIT, Use
from pinwarden.config import Config
from pinwarden.doctor import Check
from pinwarden.record import BRANCH
from pinwarden.reviewer import Agent
from pinwarden.sandbox import PROVIDERS
from pinwarden.settings import ACTIONS_APP, ActionsPolicy, Branches, Fact, Installation, Rules, Settings, TokenPolicy, Unread
from pinwarden.shown import quoted, shown
from pinwarden.status import CHECK

CALLED_CHECK = "Pins"
"""The name of the job in the reusable workflow that validates: GitHub calls its check after both jobs."""
_KEEPS_FROM_WRITING = frozenset({"creation", "merge_queue", "pull_request", "required_deployments", "required_status_checks", "update", "workflows"})
"""Rules under which no job's token can add a commit to a branch."""
_ANY_COMMIT = "0123456789" * 4


def setting_checks(settings: Settings, uses: tuple[Use, ...], config: Config | Unread) -> Iterator[Check]:
    """Yield the checks of a registry's settings. `uses` are where its workflows name the toolkit."""
    gate = in_gate_mode(settings)
    yield from _actions(settings, uses, gate)
    yield from _environments(settings, config, gate)
    if gate is not False:
        yield from _app(settings)
    yield from _rules(settings, uses)
    yield from _audits(settings.audit_rules)


def in_gate_mode(settings: Settings) -> bool | Unread:
    """Tell whether anything says that an App makes the checks. False only where all of it was read and nothing does."""
    signs = (
        _told(settings.variables, lambda variables: menu.CLIENT_ID in variables),
        _told(settings.environment_secrets[menu.REPORT], lambda names: menu.APP_KEY in names),
        _told(settings.rules, lambda rules: _app_of(rules) is not None),
    )
    if any(sign is True for sign in signs):
        return True
    return next((sign for sign in signs if isinstance(sign, Unread)), False)


def checked(name: str, fact: Fact | Unread, wrong: Callable[[Fact], str]) -> Check:
    """Return the check of a fact; `wrong` says what is wrong with it and where to mend that, empty for nothing."""
    if isinstance(fact, Unread):
        return Check(name, None, fact.hint)
    hint = wrong(fact)
    return Check(name, not hint, hint)


def _told(fact: Fact | Unread, holds: Callable[[Fact], bool]) -> bool | Unread:
    return fact if isinstance(fact, Unread) else holds(fact)


def _actions(settings: Settings, uses: tuple[Use, ...], gate: bool | Unread) -> Iterator[Check]:
    tokens = f"{menu.GENERAL} → Workflow permissions"

    def pinned(required: bool) -> str:  # it is the fact
        return "" if required else f"{menu.GENERAL} → Actions permissions → Require actions to be pinned to a full-length commit SHA"

    def reads(policy: TokenPolicy) -> str:
        return "" if policy.default == "read" else f"{tokens} → Read repository contents and packages permissions"

    def may_create(policy: TokenPolicy) -> str:
        return "" if policy.may_create_pull_requests else f"{tokens} → Allow GitHub Actions to create and approve pull requests"

    yield checked("Actions may run what the workflows use", settings.actions, lambda policy: _blocked(policy, uses))
    if isinstance(settings.actions, Unread) or settings.actions.enabled:
        yield checked("actions must be pinned to a full commit", _pinning(settings.actions), pinned)
    yield checked("a job's token can only read where its workflow says nothing", settings.tokens, reads)
    if gate is False:
        # In gate mode the App opens them, and the switch can stay off.
        yield checked("GitHub Actions may create pull requests", settings.tokens, may_create)


def _pinning(policy: ActionsPolicy | Unread) -> bool | Unread:
    if isinstance(policy, Unread):
        return policy
    return Unread("this server does not tell; it may be of a version without this setting") if policy.pinned is None else policy.pinned


def _blocked(policy: ActionsPolicy, uses: tuple[Use, ...]) -> str:
    where = f"{menu.GENERAL} → Actions permissions"
    if not policy.enabled:
        return f"{where}: Actions are off"
    if policy.allowed == "all":
        return ""
    places = {f"{TOOLKIT}{'/' if use.part else ''}{use.part}@{use.ref}" for use in uses if use.part != "checkout"}
    places |= set() if policy.github_owned else {f"actions/checkout@{_ANY_COMMIT}"}
    blocked = sorted(place.partition("@")[0] for place in places if policy.allowed != "selected" or not _allows(policy, place))
    wanted = f"actions by GitHub, {TOOLKIT}@*, {TOOLKIT}/*"
    return f"{where} → Allow select actions and reusable workflows: {wanted}; {shown(blocked[0])[:100]} may not run now" if blocked else ""


def _allows(policy: ActionsPolicy, place: str) -> bool:
    def fits(pattern: str) -> bool:
        return fnmatchcase(place.lower(), pattern.lower())

    refused = any(fits(pattern[1:]) for pattern in policy.patterns if pattern.startswith("!"))
    return not refused and any(map(fits, policy.patterns))


def _environments(settings: Settings, config: Config | Unread, gate: bool | Unread) -> Iterator[Check]:
    branch = settings.repository.branch
    for name, found in settings.environments.items():
        yield checked(f"environment {name}: the default branch alone", found, partial(_open_to, name, branch))
    if isinstance(config, Unread):
        yield Check(f"environment {menu.REVIEW}: the keys of the reviewers", None, config.hint)
    else:
        for key in sorted({PROVIDERS[agent].key_variable for agent in {*config.review.agents, *config.merge.agents} if agent in PROVIDERS}):
            yield _has(settings, menu.REVIEW, key)
        if Agent.CLAUDE in {*config.review.agents, *config.merge.agents}:
            yield checked("the image of Claude Code, which each registry builds for itself", settings.variables, _without_image)
    if gate is not False:
        yield _has(settings, menu.REPORT, menu.APP_KEY)
    keys = {menu.APP_KEY, *(provider.key_variable for provider in PROVIDERS.values())}

    def shared(names: frozenset[str]) -> str:
        found = ", ".join(sorted(names & keys))
        return f"{menu.SECRETS} → Repository secrets, Organization secrets: remove {found}, and revoke it; keys belong to an environment" if found else ""

    yield checked("no key is where every workflow gets it", settings.shared_secrets, shared)


def _open_to(name: str, branch: str, found: Branches | None) -> str:
    where = f"{menu.ENVIRONMENTS} → {name} → Deployment branches and tags → Selected branches and tags: {quoted(branch)} alone"
    if found is None:
        return f"there is none, and the first run would make one for every branch: {menu.ENVIRONMENTS} → New environment → {name}; then {where}"
    if found.patterns is None:
        return f"{where}; {'every protected branch' if found.protected else 'every branch'} may use it now"
    others = [f"{kind} {quoted(pattern)}" for kind, pattern in found.patterns if (kind, pattern) != ("branch", branch)]
    if others:
        return f"{where}; {others[0]} may use it now"
    return "" if found.patterns else f"{where}; none may use it now"


def _without_image(variables: Mapping[str, str]) -> str:
    named = any(each.startswith(f"{Agent.CLAUDE}=") for each in variables.get(menu.IMAGES, "").split())
    return (
        ""
        if named
        else f"scripts/run adopt --workflows build-claude; then {menu.VARIABLES} → {menu.IMAGES}: what that workflow's summary says (docs/agents.md)"
    )


def _has(settings: Settings, environment: str, key: str) -> Check:
    def missing(names: frozenset[str]) -> str:
        return "" if key in names else f"{menu.ENVIRONMENTS} → {environment} → Environment secrets → Add environment secret → {key}"

    return checked(f"environment {environment}: the secret {key}", settings.environment_secrets[environment], missing)


def _app(settings: Settings) -> Iterator[Check]:
    variables, rules, installations = settings.variables, settings.rules, settings.installations
    yield checked(
        f"the variable {menu.CLIENT_ID}",
        variables,
        lambda found: "" if found.get(menu.CLIENT_ID) else f"{menu.VARIABLES} → New repository variable → {menu.CLIENT_ID}: the App's client id",
    )
    name = "the App is installed with what it needs"
    for fact in (installations, rules, variables):
        if isinstance(fact, Unread):
            yield Check(name, None, fact.hint)
            return
    assert not isinstance(installations, Unread)
    assert not isinstance(rules, Unread)
    assert not isinstance(variables, Unread)
    required, client = _app_of(rules), variables.get(menu.CLIENT_ID)
    # Servers of an older version tell no client id; there the ruleset's source must do.
    app = next((each for each in installations if (each.client_id == client if each.client_id else each.app == required)), None)
    hint = _lacks(app) if app else f"no App with the client id of {menu.CLIENT_ID} is installed: {menu.APPS} → the App → Install App"
    yield Check(name, not hint, hint)
    if app and required is not None:
        same = app.app == required
        yield Check(
            f"{CHECK} is required from this App",
            same,
            "" if same else f"{menu.RULESETS} → Require status checks: the source of {CHECK} is App {required}, not {shown(app.slug)[:80]} ({app.app})",
        )


def _lacks(app: Installation) -> str:
    if app.suspended:
        return f"the installation is suspended: {menu.INSTALLED} → Configure"
    lacking = [menu.permission(name, level) for name, level in menu.APP_PERMISSIONS.items() if app.permissions.get(name) not in (level, "admin")]
    return f"{menu.APPS} → the App → Permissions & events: {', '.join(lacking)}; then accept them in {menu.INSTALLED}" if lacking else ""


def _app_of(rules: Rules) -> int | None:
    """Return the App that `security-review` must come from; the one of all workflows' jobs is none."""
    return next((check.app for check in rules.checks if check.context == CHECK and check.app not in (None, ACTIONS_APP)), None)


def _rules(settings: Settings, uses: tuple[Use, ...]) -> Iterator[Check]:
    where = f"{menu.RULESETS} → a ruleset of the default branch, active → Require status checks to pass"
    names = {f"{use.check} / {CALLED_CHECK}" if use.part.endswith(".yml") else use.check for use in uses if use.is_of("", "validate-pins", "validate")}

    def pins(rules: Rules) -> str:
        if any(check.context in names and check.app in (None, ACTIONS_APP) for check in rules.checks):
            return ""
        wanted = quoted(min(names)) if names else "the check of the workflow that validates"
        return f"{where}: add {wanted}, source GitHub Actions"

    def required(rules: Rules) -> str:
        return "" if any(check.context == CHECK for check in rules.checks) else f"{where}: add {CHECK}"

    def own(rules: Rules) -> str:
        return (
            "" if _app_of(rules) is not None else f"any workflow of the repository can imitate it (advisory mode); {where}: {CHECK} with the App as its source"
        )

    yield checked("the check of the pins is required", settings.rules, pins)
    yield checked(f"{CHECK} is required", settings.rules, required)
    yield checked(f"{CHECK} is required from an App of your own", settings.rules, own)


def _audits(rules: Rules | Unread) -> Iterator[Check]:
    where = f"{menu.RULESETS} → New branch ruleset → Target branches → Include by pattern → {BRANCH}"

    def rewritten(found: Rules) -> str:
        lacking = [words for kind, words in (("deletion", "Restrict deletions"), ("non_fast_forward", "Block force pushes")) if kind not in found.kinds]
        return f"{where}: {', '.join(lacking)}" if lacking else ""

    def blocked(found: Rules) -> str:
        kinds = sorted(found.kinds & _KEEPS_FROM_WRITING)
        return f"{menu.RULESETS}: a ruleset covers {BRANCH} with {', '.join(kinds)}; exclude the branch from it" if kinds else ""

    yield checked(f"records on {BRANCH} can't be removed or rewritten", rules, rewritten)
    yield checked(f"the job that records may write {BRANCH}", rules, blocked)
