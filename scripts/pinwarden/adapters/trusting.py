"""What resolve-trust asks the world, in three rounds: ids for all, then pins and domains for those whom a row names rightly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from pinwarden.adapters import command_line, scanning, well_known_file
from pinwarden.adapters.actions_io import GitHub
from pinwarden.adapters.github_graphql import GitHubGraphql
from pinwarden.adapters.github_identities import identities
from pinwarden.adapters.github_upstreams import named_at
from pinwarden.publishers import Publisher
from pinwarden.trust.case import Case, Pin, case_of
from pinwarden.trust.policies import OF_ROWS, first_refusal
from pinwarden.trust.subject import Identity, Place, Silence, Subject, Unidentified
from pinwarden.upstream import Mirror, Question

Told = dict[Place, Identity | Unidentified]


def cases(subjects: Sequence[Subject], questions: Mapping[str, Question], publishers: Sequence[Publisher], mirrors: Sequence[Mirror], day: date) -> list[Case]:
    """Return every entry with all that the rules need. `questions` are those about its pin, by server.

    Raises OutsideError where git is missing or the token is wrong, Misuse where the token can't be used.
    """
    hosts = {row.host for one in publishers for rows in (one.owners, one.repositories) for row in rows}
    told = _identified({subject.source for subject in subjects if subject.source and not subject.runs_else and subject.source.host in hosts}, mirrors)
    found = [case_of(subject, told.get(subject.source) if subject.source else None, publishers, day) for subject in subjects]
    return _with_proofs(_with_pins(found, questions, mirrors), mirrors)


def _identified(places: set[Place], mirrors: Sequence[Mirror]) -> Told:
    github = GitHub.from_environ()
    named = {place: named_at(f"https://{place.host}/{place.full_name}", mirrors, f"{github.server_url}/") for place in places}
    told: Told = {
        place: Unidentified(Silence.UNREAD, f"{place.host} is not a GitHub that this run can ask for ids") for place, name in named.items() if not name
    }
    asked = {place: name for place, name in named.items() if name}
    if asked and not github.token:
        command_line.warn("there is no token, and GitHub tells ids to none without: set GITHUB_TOKEN; a token without any permission will do")
        return told | dict.fromkeys(asked, Unidentified(Silence.UNREAD, "there is no token"))
    if asked:
        with GitHubGraphql(github.graphql_url, github.token) as graphql:
            answers = identities(graphql, asked.values())
        told |= {place: answers[name] for place, name in asked.items()}
    return told


def _with_pins(found: Sequence[Case], questions: Mapping[str, Question], mirrors: Sequence[Mirror]) -> list[Case]:
    asked = [
        questions[case.subject.server]
        for case in found
        if case.source and case.subject.pinned and isinstance(case.identity, Identity) and not first_refusal(case, OF_ROWS)
    ]
    if not asked:
        return list(found)
    with scanning.upstreams(mirrors, dates=True) as upstreams:
        pins = {question.server: Pin(question, answer) for question, answer in scanning.with_progress(upstreams.survey(asked), len(asked))}
    return [replace(case, pin=pins.get(case.subject.server)) for case in found]


def _with_proofs(found: Sequence[Case], mirrors: Sequence[Mirror]) -> list[Case]:
    wanted = {
        (case.remote.row.name, case.remote.publisher.id)
        for case in found
        if case.remote and case.remote.row.method == "well-known" and not first_refusal(case, OF_ROWS)
    }
    proofs = {one: well_known_file.proof(*one, mirrors) for one in sorted(wanted)}
    return [replace(case, proof=proofs.get((case.remote.row.name, case.remote.publisher.id))) if case.remote else case for case in found]
