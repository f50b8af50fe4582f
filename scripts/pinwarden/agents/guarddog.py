"""GuardDog: patterns, no model, no key."""

from __future__ import annotations

from pinwarden.reviewer import Reviewer

REVIEWER = Reviewer(command=("/opt/venv/bin/python3", "-I", "/opt/pinwarden/agent.py"))
