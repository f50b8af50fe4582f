"""The registry's own files beside its entries: which configuration counts for a change, and what is wrong with them."""

from __future__ import annotations

from pinwarden.adapters import publisher_files
from pinwarden.adapters.actions_io import Actions
from pinwarden.adapters.registry_files import Registry, validator
from pinwarden.config import CONFIG_PATH, Config, config_finding, read_config
from pinwarden.finding import Finding
from pinwarden.publishers import mixed_change


def base_config(registry: Registry, changed_since: str | None, actions: Actions) -> Config:
    """Return the configuration that the change under check can't have written itself."""
    if changed_since is not None:
        from pinwarden.adapters import registry_git

        raw = registry_git.file_at(registry.root, changed_since, CONFIG_PATH)
        return read_config(raw, validator("config"), f"{CONFIG_PATH} at {changed_since}")
    if actions.base_sha:
        # Imported here: only a pull request asks the API, and the import costs more than checking a registry.
        from pinwarden.adapters import github_rest

        path = actions.prefix(registry.root) + CONFIG_PATH
        raw = github_rest.read_file(actions.api_url, actions.token, actions.repository, path, actions.base_sha)
        return read_config(raw, validator("config"), f"{path} at {actions.base_sha}")
    return registry.config()


def findings(registry: Registry, config: Config, changed_since: str | None) -> list[Finding]:
    """Return what is wrong with the registry's own files. `config` is the one that counts, the folder may hold another."""
    wrong = config_finding(registry.config_bytes() or b"", validator("config"))
    own = config if wrong else registry.config()
    found = [wrong] if wrong else []
    found += publisher_files.findings(registry, own)
    if changed_since is not None:
        from pinwarden.adapters import registry_git

        changed = registry_git.changed_since(registry.root, changed_since, removed=True)
        found += mixed_change(config, own, changed)
    return found
