"""The list of publishers on disk: a registry's own, or a file that was named."""

from __future__ import annotations

from pathlib import Path

from pinwarden.adapters.registry_files import Registry, validator
from pinwarden.config import Config
from pinwarden.document import Defect
from pinwarden.errors import Misuse
from pinwarden.finding import Finding
from pinwarden.publishers import Publisher, publishers_findings, read_publishers, unreadable
from pinwarden.shown import shown


def read(registry: Registry, config: Config, named: Path | None) -> tuple[Publisher, ...]:
    """Return the rows of the registry's list, or of the file `named`. A registry without a list knows nobody. Raises Misuse."""
    if named is None:
        raw = registry.file(config.publishers)
        source = config.publishers
    else:
        raw, source = Registry(named.parent).file(named.name), shown(str(named))
        if raw is None:
            raise Misuse(f"{source}: no such file", "name the list of publishers with --publishers")
    if isinstance(raw, Defect):
        wrong = unreadable(source)
        raise Misuse(f"{source}:{wrong.line}: {wrong.message}", wrong.hint)
    return read_publishers(raw, validator("publishers"), source)


def findings(registry: Registry, config: Config) -> list[Finding]:
    """Return what is wrong with the registry's own list, nothing where there is none."""
    raw = registry.file(config.publishers)
    if isinstance(raw, Defect):
        return [unreadable(config.publishers)]
    return [] if raw is None else publishers_findings(raw, validator("publishers"), config.publishers)
