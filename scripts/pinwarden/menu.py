"""Where GitHub's settings are, in GitHub's own words, and what Pinwarden has there."""

from __future__ import annotations

from collections.abc import Mapping

GENERAL = "Settings → Actions → General"
ENVIRONMENTS = "Settings → Environments"
RULESETS = "Settings → Rules → Rulesets"
SECRETS = "Settings → Secrets and variables → Actions → Secrets"
VARIABLES = "Settings → Secrets and variables → Actions → Variables"
APPS = "the owner's Settings → Developer settings → GitHub Apps"
INSTALLED = "the owner's Settings → GitHub Apps (of an organisation under Third-party Access)"

REVIEW, REPORT = "pinwarden-review", "pinwarden-report"
"""The environments: keys of models in the first, the App's key in the second."""
APP_KEY, CLIENT_ID = "PINWARDEN_APP_KEY", "PINWARDEN_CLIENT_ID"
IMAGES = "PINWARDEN_IMAGES"
"""The variable with the images that a registry builds for itself."""
APP_PERMISSIONS: Mapping[str, str] = {"checks": "write", "contents": "write", "issues": "write", "pull_requests": "write"}
"""What the App needs on the registry, by GitHub's names."""


def permission(name: str, level: str) -> str:
    """Return a permission as people write it, such as `pull-requests: write`."""
    return f"{name.replace('_', '-')}: {level}"
