"""GitHub's JSON shapes, made from the twin's state."""

from __future__ import annotations

from support.github_twin.documents_checks import CheckDocuments
from support.github_twin.documents_pulls import PullDocuments
from support.github_twin.documents_runs import RunDocuments


class Documents(PullDocuments, CheckDocuments, RunDocuments):
    """Makes all documents."""
