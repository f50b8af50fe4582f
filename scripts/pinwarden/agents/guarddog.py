"""GuardDog: patterns, no model, no key."""

from __future__ import annotations

from pinwarden.reviewer import Reviewer

REVIEWER = Reviewer(command=("python3", "-I", "/opt/pinwarden/guarddog_agent.py"))
