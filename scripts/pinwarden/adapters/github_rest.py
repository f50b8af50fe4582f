"""GitHub's REST API through PyGithub, built on the API URL that the runner gives."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from github import Auth, Github, GithubException, GithubRetry, UnknownObjectException
from requests import RequestException
from requests.exceptions import RetryError

from pinwarden.document import MAX_BYTES
from pinwarden.errors import OutsideError

_SECONDS = 15
_RETRIES = 3


def read_file(api_url: str, token: str, repository: str, path: str, ref: str) -> bytes | None:
    """Return the file at `path` of `repository` (owner/name) at the commit `ref`, None where that commit has none.

    Raises OutsideError where the API does not answer, or knows no such repository or commit.
    Source: GET /repos/{owner}/{repo}/git/commits/{sha} and GET /repos/{owner}/{repo}/contents/{path}.
    """
    # Reads may be repeated: they change nothing.
    client = Github(base_url=api_url, auth=Auth.Token(token) if token else None, timeout=_SECONDS, retry=GithubRetry(total=_RETRIES), lazy=True)
    with client, _outside(f"{api_url}: {repository} at {ref}"):
        repo = client.get_repo(repository)
        repo.get_git_commit(ref).sha  # noqa: B018  # asked first, so that a 404 below is about the file alone
        try:
            content = repo.get_contents(path, ref=ref)
        except UnknownObjectException:
            return None
        if isinstance(content, list) or content.size > MAX_BYTES:
            raise OutsideError(f"{repository}: {path} at {ref} is not a small file", "keep the configuration in one file")
        return content.decoded_content


@contextmanager
def _outside(what: str) -> Iterator[None]:
    try:
        yield
    except GithubException as error:
        refused = error.status in (401, 403, 404)
        hint = "give the step a token with contents: read" if refused else "run again; the host's status page may tell more"
        raise OutsideError(f"{what}: the API answered {error.status}", hint) from error
    except RetryError as error:
        raise OutsideError(f"{what}: the API kept failing", "run again; the host's status page may tell more") from error
    except RequestException as error:
        raise OutsideError(f"{what}: no answer ({type(error).__name__})", "is the API reachable from here?") from error
