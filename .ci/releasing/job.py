"""The job that a step of a release runs in: what its runner tells it, and the files of the checkout in which it was started."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pinwarden.adapters.actions_io import Access, GitHub, Run
from pinwarden.adapters.github_calls import Calls, Limited, Refused, Unclear
from pinwarden.errors import Misuse, OutsideError
from releasing import plan
from releasing.repository import ReleaseRepository

IMAGES, CHANGELOG, DIGESTS = Path(plan.IMAGES), Path(plan.CHANGELOG), Path("out/digests")


@dataclass(frozen=True, slots=True)
class Job:
    """What a runner tells. Source: GitHub's documentation of default environment variables; `registry` is the workflow's own REGISTRY."""

    server: str
    repository: str
    ref: str
    commit: str
    run: str
    registry: str

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] = os.environ) -> Job:
        """Read the environment. Raises Misuse where something is missing."""
        if missing := [name for name in ("GITHUB_REPOSITORY", "GITHUB_SHA", "GITHUB_REF", "REGISTRY") if not environ.get(name)]:
            raise Misuse(f"{missing[0]} is not set", "a release is made by its workflow, whose runner sets it")
        run = Run.from_environ(environ)
        return cls(
            GitHub.from_environ(environ).server_url,
            environ["GITHUB_REPOSITORY"],
            environ["GITHUB_REF"],
            environ["GITHUB_SHA"],
            f"{run.id or 0}-{run.attempt}",
            environ["REGISTRY"],
        )

    def published(self) -> dict[str, str]:
        """Return the name of each part's image in the owner's packages. Raises Misuse."""
        owner = self.repository.partition("/")[0]
        return {part: plan.published_name(self.registry, owner, name) for part, name in plan.local_names(IMAGES.read_text()).items()}

    @property
    def signer(self) -> str:
        """Whom a signature that this run makes names."""
        return plan.identity(self.server, self.repository, self.ref)


@contextmanager
def repository(calls: type[Calls], hint: str) -> Iterator[ReleaseRepository]:
    """Reach the job's own repository. Raises Misuse without a token, and OutsideError where the API says no; `hint` says what to do then."""
    access = Access.from_environ()
    if access is None:
        raise Misuse("a release is made in a repository on GitHub", "set GITHUB_REPOSITORY and GITHUB_TOKEN, as the workflow does")
    client = calls(access.api_url, access.token)
    try:
        yield ReleaseRepository(client, access.repository)
    except (Unclear, Refused, Limited) as error:
        raise OutsideError(f"{access.repository}: {error}", hint) from error
    finally:
        client.close()


def told(text: str | bytes) -> dict[str, str]:
    """Read what another job told: names and references. Raises Misuse."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Misuse("what another job told is no JSON", "it did not do its part; run again") from error
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise Misuse("what another job told is no list of images", "it did not do its part; run again")
    return found
