"""The registry's own configuration, `.github/pinwarden.yml`: every key optional, anything unknown refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any

from jsonschema import Draft202012Validator

from pinwarden.conclusion import BY_RISK, Conclusion
from pinwarden.document import Defect, Document, read
from pinwarden.errors import Misuse
from pinwarden.finding import Finding, Severity
from pinwarden.reviewer import Agent
from pinwarden.risk import Risk
from pinwarden.rules import Policy
from pinwarden.validation import explain

CONFIG_PATH = ".github/pinwarden.yml"


class Track(StrEnum):
    """What a pin follows."""

    BRANCH = "branch"
    RELEASES = "releases"


@dataclass(frozen=True, slots=True)
class Bump:
    """The `bump` section."""

    max_new_per_run: int = 20
    max_open: int = 40
    cooldown_days: int = 3
    branch_prefix: str = "pinwarden"
    hold: frozenset[str] = frozenset()
    track_all: Track = Track.BRANCH
    track_by_server: dict[str, Track] = field(default_factory=dict)

    def track(self, server: str) -> Track:
        """Return what the pin of `server` follows."""
        return self.track_by_server.get(server, self.track_all)


class Details(StrEnum):
    """How much of a full audit is published: of other people's code, the level, counts and date are enough."""

    PRIVATE = "private"
    PUBLIC = "public"


@dataclass(frozen=True, slots=True)
class ReviewConfig:
    """The `review` section. Each target is reviewed by every one of `agents`; a model that is not named is the agent's first."""

    agents: tuple[Agent, ...] = (Agent.GUARDDOG,)
    models: Mapping[Agent, str] = field(default_factory=dict)
    timeout_seconds: int = 1800
    budget: int = 256
    """Reviews that one run may start. A run of GitHub Actions has at most 256 jobs of a matrix."""
    audit_days: int = 30
    """Days within which a full audit reads every entry once."""
    details: Details = Details.PRIVATE


@dataclass(frozen=True, slots=True)
class Signing:
    """The `signature` section: who signs the registry's images, a key or an identity, and where signatures are kept."""

    key: str | None = None
    """The public key's file, relative to the registry's root."""
    identity: str | None = None
    issuer: str | None = None
    repository: str | None = None
    """Where the signatures are, where that is not beside the image."""
    logged: bool = True
    """Whether a signature must be in the transparency log."""


@dataclass(frozen=True, slots=True)
class Config:
    """A registry's configuration; the defaults are those of an absent file."""

    entries: str = "servers/*/server.yaml"
    policy: Policy = field(default_factory=Policy)
    bump: Bump = field(default_factory=Bump)
    review: ReviewConfig = field(default_factory=ReviewConfig)
    conclusions: Mapping[Risk, Conclusion] = field(default_factory=lambda: BY_RISK)
    """The `status` section over the default: what each risk means for a check."""
    signing: Signing = field(default_factory=Signing)
    publishers: str = "publishers.yml"
    """Where the list of publishers is, relative to the registry's root."""


def matching(paths: Iterable[str], pattern: str) -> list[str]:
    """Return the paths that a pattern of files means: as many parts, each of which fits, a star crossing no slash."""
    parts = pattern.split("/")
    split = ((path, path.split("/")) for path in paths)
    return [path for path, names in split if len(names) == len(parts) and all(map(fnmatchcase, names, parts))]


def config_finding(raw: bytes, validator: Draft202012Validator, source: str = CONFIG_PATH) -> Finding | None:
    """Return the first thing wrong with a configuration's bytes, None where it is valid. `source` names it."""
    document = _document(raw)
    if document is None:
        return None
    if isinstance(document, Defect):
        at, message, hint = document.at, document.message, document.hint
    else:
        error = next(validator.iter_errors(document.value), None)
        if error is None:
            return None
        _, problem = explain(error)[0]
        at, message, hint = document.position(problem.path), problem.message, problem.hint
    return Finding("", source, at.line, at.column, "config-invalid", Severity.ERROR, message, hint)


def read_config(raw: bytes | None, validator: Draft202012Validator, source: str = CONFIG_PATH) -> Config:
    """Read a configuration's bytes, None where there is no file. `source` names it in messages.

    Raises Misuse, with the line, where it is not what `config.schema.json` (in `validator`) allows.
    """
    finding = config_finding(raw or b"", validator, source)
    if finding:
        raise Misuse(f"{source}:{finding.line}: {finding.message}", finding.hint)
    document = _document(raw or b"")
    value: Any = document.value if isinstance(document, Document) else {}
    bump: dict[str, Any] = value.get("bump", {})
    review: dict[str, Any] = value.get("review", {})
    track = bump.get("track", Track.BRANCH)
    signature: dict[str, Any] = value.get("signature", {})
    return Config(
        entries=value.get("entries", Config().entries),
        policy=Policy(frozenset(value["allowed-hosts"])) if "allowed-hosts" in value else Policy(),
        bump=Bump(
            max_new_per_run=bump.get("max-new-per-run", Bump().max_new_per_run),
            max_open=bump.get("max-open", Bump().max_open),
            cooldown_days=bump.get("cooldown-days", Bump().cooldown_days),
            branch_prefix=bump.get("branch-prefix", Bump().branch_prefix),
            hold=frozenset(bump.get("hold", ())),
            track_all=Track(track) if isinstance(track, str) else Track.BRANCH,
            track_by_server={} if isinstance(track, str) else {server: Track(word) for server, word in track.items()},
        ),
        review=ReviewConfig(
            agents=tuple(map(Agent, review.get("agents", ReviewConfig().agents))),
            models={Agent(agent): model for agent, model in review.get("models", {}).items()},
            timeout_seconds=review.get("timeout-seconds", ReviewConfig().timeout_seconds),
            budget=review.get("budget", ReviewConfig().budget),
            audit_days=review.get("audit-days", ReviewConfig().audit_days),
            details=Details(review.get("details", ReviewConfig().details)),
        ),
        conclusions={**BY_RISK, **{Risk(risk): Conclusion(word) for risk, word in value.get("status", {}).items()}},
        signing=Signing(
            key=signature.get("key"),
            identity=signature.get("identity"),
            issuer=signature.get("issuer"),
            repository=signature.get("repository"),
            logged=signature.get("transparency-log", "required") == "required",
        ),
        publishers=value.get("publishers", Config().publishers),
    )


def _document(raw: bytes) -> Document | Defect | None:
    """Read a configuration's bytes; None where they hold nothing, which is a configuration too."""
    document = read(raw)
    return None if isinstance(document, Defect) and document.rule == "empty-document" else document
