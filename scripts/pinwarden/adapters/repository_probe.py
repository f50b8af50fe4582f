"""Whether a registry is set up on GitHub as the documentation says: reads its settings, and checks them."""

from __future__ import annotations

from pinwarden.adapters.actions_io import GitHub
from pinwarden.adapters.github_settings import read_settings
from pinwarden.adapters.registry_files import validator
from pinwarden.caller_checks import caller_checks, callers_of, config_check
from pinwarden.config import Config, read_config
from pinwarden.doctor import Check
from pinwarden.errors import Misuse
from pinwarden.setting_checks import setting_checks
from pinwarden.settings import Unread


def checks(github: GitHub, full_name: str) -> tuple[list[Check], int]:
    """Return the checks of the repository `full_name`, owner/name, and how many requests they took. Raises Misuse, OutsideError."""
    found, requests = read_settings(github, full_name)
    callers = callers_of(found.repository.workflows)
    config, problem = _config(found.repository.config)
    told = [*caller_checks(callers, found.repository.branch), config_check(problem), *setting_checks(found, callers.uses, config)]
    return told, requests


def _config(raw: bytes | Unread | None) -> tuple[Config | Unread, str]:
    if isinstance(raw, Unread):
        return raw, raw.reason
    try:
        return read_config(raw, validator("config")), ""
    except Misuse as error:
        return Unread("the configuration is not valid"), error.message
