"""Asks domains for the file by which they say which publisher they are: over https, within bounds, following nothing."""

from __future__ import annotations

from collections.abc import Sequence

import requests
import urllib3
from requests.adapters import HTTPAdapter

from pinwarden.adapters.http_answers import Body, plain_session
from pinwarden.git_protocol import BadAnswer
from pinwarden.trust.case import Proof
from pinwarden.upstream import Mirror, read_at
from pinwarden.well_known import MOST_BYTES, WELL_KNOWN, names

_CONNECT, _READ, _WHOLE = 5, 10, 15
"""Seconds."""
_TRIES = 3


def proof(domain: str, publisher: str, mirrors: Sequence[Mirror] = ()) -> Proof:
    """Tell whether a domain names a publisher now.

    Missing is what the domain itself says: another file, none, or the way elsewhere. All else is unread.
    """
    url = read_at(f"https://{domain}{WELL_KNOWN}", mirrors)
    with plain_session(HTTPAdapter()) as session:
        for _ in range(_TRIES):
            try:
                with session.get(url, timeout=(_CONNECT, _READ), allow_redirects=False, stream=True, headers={"User-Agent": "pinwarden"}) as response:
                    if response.status_code == 200:
                        body = Body(response.raw, MOST_BYTES, _WHOLE).read(MOST_BYTES + 1)
                        return Proof.HELD if names(body, publisher) else Proof.MISSING
                    if response.status_code in (404, 410) or response.is_redirect:
                        return Proof.MISSING
            except (requests.RequestException, urllib3.exceptions.HTTPError, BadAnswer, ValueError):
                continue
    return Proof.UNREAD
