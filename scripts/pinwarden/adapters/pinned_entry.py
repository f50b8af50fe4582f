"""The one entry that a command is about: valid, and built from a pin."""

from __future__ import annotations

from pinwarden.adapters.registry_files import Registry
from pinwarden.config import Config
from pinwarden.entry import Entry
from pinwarden.errors import Misuse
from pinwarden.shown import quoted


def pinned_entry(registry: Registry, config: Config, server: str) -> Entry:
    """Return the entry of `server`. Raises Misuse where there is none, it is not valid, or nothing is built for it."""
    if "," in server or not server.strip():
        raise Misuse(f"{quoted(server)} is not the name of one entry", "name one folder with --server")
    [checked] = registry.check(registry.entries(config, [server]), config.policy)
    if checked.errors:
        first = checked.errors[0]
        raise Misuse(f"{first.path}:{first.line}: {first.message}", f"{first.hint}; validate-pins --servers {server} tells all")
    entry = checked.entry
    if entry is None or entry.type != "server" or not entry.commit or not entry.project:
        raise Misuse(f"{checked.path}: nothing is built for it, so it has no pin", "name an entry of type server")
    return entry
