"""The check of entries with their upstreams asked: what files say, and what upstreams say, in one list."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from contextlib import suppress

from pinwarden import scan
from pinwarden.adapters import actions_io, command_line, pinned_dockerfile, scanning
from pinwarden.adapters.github_calls import Calls, Limited, Refused, Unclear
from pinwarden.adapters.registry_repository import RegistryRepository
from pinwarden.config import Config
from pinwarden.entry import Entry
from pinwarden.errors import OutsideError
from pinwarden.finding import Finding, Severity
from pinwarden.online import judged
from pinwarden.upstream import Mirror
from pinwarden.validation import Checked


def check(entries: Iterable[Checked], config: Config, args: argparse.Namespace) -> tuple[list[Finding], bool]:
    """Return the findings of the entries' files and of their upstreams, by file and line, and whether some upstream could not be read.

    Only of valid entries is upstream asked. Raises OutsideError where git is missing, Misuse where the token or a mirror can't be used.
    """
    checked = list(entries)
    inquiry = scan.inquire(checked, config, _recorded_ids(checked, config))
    with scanning.upstreams(scanning.mirrors(args), dates=True) as upstreams:
        answers = list(scanning.with_progress(upstreams.survey(inquiry.questions), len(inquiry.questions)))
    told = judged(answers, inquiry.entries, Severity.WARNING if args.changed_since is None else Severity.ERROR)
    findings = [*(finding for one in checked for finding in one.findings), *told.findings]
    if args.changed_since is not None:
        # Two questions more for each entry that a change touched; of a whole registry nobody wants to wait for them.
        findings += _uncovered(inquiry.entries.values(), scanning.mirrors(args))
    return sorted(findings, key=lambda finding: (finding.path, finding.line, finding.column, finding.rule)), told.unread


def _uncovered(entries: Iterable[Entry], mirrors: Sequence[Mirror]) -> list[Finding]:
    """Return what the pins of entries do not cover. Of an upstream that can't be read nothing is known, which another rule says."""
    found: list[Finding] = []
    for entry in entries:
        with suppress(OutsideError):
            found += (finding for finding in pinned_dockerfile.examine(entry, mirrors).findings if finding.severity is Severity.WARNING)
    return found


def _recorded_ids(checked: Iterable[Checked], config: Config) -> dict[str, int]:
    """Return the upstreams' ids as the evidence of each server's last bump has them, where the registry's pull requests can be read.

    What can't be read is said and not known, so that nothing is compared with it.
    """
    access = actions_io.Access.from_environ()
    paths = {one.server: one.entry.path for one in checked if one.entry and one.entry.commit}
    if access is None or not paths:
        return {}
    calls = Calls(access.api_url, access.token)
    try:
        standings = RegistryRepository(calls, access.repository, config.bump.branch_prefix).read(paths).standings
    except (Unclear, Refused, Limited) as error:
        command_line.warn(f"recorded repository ids are not compared: {access.repository}: {error}")
        return {}
    finally:
        calls.close()
    return {server: standing.repository_id for server, standing in standings.items() if standing.repository_id is not None}
