"""GraphQL's mutations by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from support.github_twin import graphql_check_mutations as checks
from support.github_twin import graphql_pull_mutations as pulls
from support.github_twin import graphql_ref_mutations as refs
from support.github_twin.answers import Refused
from support.github_twin.graphql_git import failed
from support.github_twin.graphql_mutator import Mutator

Json = Any


class Mutations(Mutator):
    """Carries out the mutations of one document, one after the other."""

    def resolve(self, name: str, given: Json) -> Json:
        """Carry out one mutation; return its payload. Raises GraphQLError, and KeyError for one that the twin lacks."""
        act = _MUTATIONS[name]
        try:
            payload = act(self, given)
        except Refused as problem:
            errors = [each.get("message") or f"{each.get('field')} {each.get('code')}" for each in problem.extra.get("errors", ()) if isinstance(each, dict)]
            raise failed("FORBIDDEN" if problem.status == 403 else "UNPROCESSABLE", ", ".join(errors) or problem.message) from None
        return {**payload, "clientMutationId": given.get("clientMutationId")}


_MUTATIONS: dict[str, Callable[[Mutator, Json], Json]] = {
    "createRef": refs.create_ref,
    "updateRef": refs.update_ref,
    "updateRefs": refs.update_refs,
    "deleteRef": refs.delete_ref,
    "createCommitOnBranch": refs.create_commit,
    "createPullRequest": pulls.create_pull,
    "updatePullRequest": pulls.update_pull,
    "closePullRequest": pulls.close_pull,
    "reopenPullRequest": pulls.reopen_pull,
    "mergePullRequest": pulls.merge,
    "enqueuePullRequest": pulls.enqueue_pull,
    "addLabelsToLabelable": lambda self, given: pulls.labels(self, given, added=True),
    "removeLabelsFromLabelable": lambda self, given: pulls.labels(self, given, added=False),
    "addComment": pulls.add_comment,
    "updateIssueComment": pulls.update_comment,
    "createCheckRun": checks.create,
    "updateCheckRun": checks.update,
}
COVERED = frozenset(_MUTATIONS)
CONTENT = frozenset({"createPullRequest", "mergePullRequest", "addComment", "createCheckRun", "updateCheckRun"})
"""Mutations that create content that people are shown; each of them counts, however many a document has."""
