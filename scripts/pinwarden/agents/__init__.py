"""The agents: a module each, and a line here."""

from __future__ import annotations

from collections.abc import Mapping

from pinwarden.agents import claude, codex, guarddog
from pinwarden.reviewer import Agent, Reviewer

REVIEWERS: Mapping[Agent, Reviewer] = {
    Agent.CLAUDE: claude.REVIEWER,
    Agent.CODEX: codex.REVIEWER,
    Agent.GUARDDOG: guarddog.REVIEWER,
}
