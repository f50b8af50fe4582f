"""What a client is told that does not come from the provider, and which fields of the provider's head it is given."""

from __future__ import annotations

import re
from collections.abc import Mapping

from proxy.policy import Provider
from proxy.trouble import pause

# No cookies, no limits of the account, nothing of the provider's network.
_PASSED = ("content-type", "request-id", "x-request-id", "x-should-retry")
_PLAIN_VALUE = re.compile(r"[ -~]{1,256}")
SERVER = {"server": "pinwarden"}


def passed_on(head: Mapping[str, str], key: str) -> dict[str, str]:
    """Return the fields that a client is given of a provider's head."""
    found = {name: head[name] for name in _PASSED if name in head}
    if "retry-after" in head:
        found["retry-after"] = pause(head["retry-after"])
    return SERVER | {name: value for name, value in found.items() if _PLAIN_VALUE.fullmatch(value) and key not in value}


def spent(reason: str) -> tuple[int, str, str, dict[str, str]]:
    """Return status, code, message and fields for a budget that allows no more."""
    if reason == "parallel":
        return 429, "parallel", "too many calls at the same time", {"retry-after": "1"}
    # What makes both command lines give up at once, and not try again for minutes.
    return 429, "insufficient_quota", f"the budget of this review is spent ({reason})", {"x-should-retry": "false"}


def error(provider: Provider, status: int, code: str, message: str) -> dict[str, object]:
    """Return an error in the provider's own form, with our reason code."""
    if provider is Provider.OPENAI:
        kind = "insufficient_quota" if code == "insufficient_quota" else "invalid_request_error"
        return {"error": {"message": message, "type": kind, "param": None, "code": code}}
    kinds = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}
    return {"type": "error", "error": {"type": kinds.get(status, "api_error"), "code": code, "message": message}}
