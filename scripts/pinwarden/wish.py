"""What a run of reviews is asked for, over what the configuration says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pinwarden.agents import REVIEWERS
from pinwarden.config import Config
from pinwarden.errors import Misuse
from pinwarden.plan import Reviewing
from pinwarden.reviewer import Agent
from pinwarden.shown import quoted


@dataclass(frozen=True, slots=True)
class Wish:
    """What a run was asked for beyond the configuration; None stands for what that says."""

    servers: Sequence[str] = ()
    agent: Agent | None = None
    model: str | None = None
    timeout: int | None = None
    force: bool = False


def reviewing_of(config: Config, wish: Wish, toolkit: str, *, may_start: bool, by_hand: bool = False, checked: bool = False) -> Reviewing:
    """Return who reviews, by this version of the `toolkit`. What is forced is never done in shards: it would begin with the first each time.

    Where what comes of it is `checked`, a wish for one agent is for this run alone: every configured one must have reviewed.

    Raises Misuse for a model that is not on its agent's list.
    """
    configured = config.review.agents if checked or not wish.agent else ()
    chosen = dict.fromkeys((*((wish.agent,) if wish.agent else ()), *configured))
    models = {agent: _model(agent, config.review.models, wish) for agent in chosen}
    timeout = wish.timeout or config.review.timeout_seconds
    return Reviewing(
        models, toolkit, config.review.budget, timeout, config.conclusions, may_start, wish.force, wish.agent if checked else None, by_hand and not wish.force
    )


def _model(agent: Agent, configured: Mapping[Agent, str], wish: Wish) -> str | None:
    allowed = REVIEWERS[agent].models
    if not allowed:
        return None
    model = (wish.model if wish.agent is agent else None) or configured.get(agent) or allowed[0]
    if model not in allowed:
        raise Misuse(f"{agent} is not allowed to ask the model {quoted(model)}", f"take one of {', '.join(allowed)}")
    return model
