"""What adopt writes into a registry, and what it says of each file. The files are values; writing them is an adapter's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath

from pinwarden.callers import FOLDER, filled
from pinwarden.config import CONFIG_PATH, Config
from pinwarden.doctor import Check
from pinwarden.edit import diff
from pinwarden.shown import shown

_MOST_LINES = 40
"""Lines of a difference that are shown."""
_LONGEST_LINE = 200
"""Characters of such a line."""

PUBLISHERS = """\
# Publishers that you know, by numbers that a new owner of a name does not get. It is about identity, never about safety.
# A row, and how each claim is checked: docs/resolve-trust.md of Pinwarden. Put this file under CODEOWNERS.
version: 1
publishers: []
"""

_CONFIG = """\
# Pinwarden's configuration. Every key is optional; what is commented out is the default. docs/configuration.md of Pinwarden has all of them.
# On a pull request it is read from the base: a change can't loosen its own rules. Only maintainers may change .github/ (CODEOWNERS).

# Where the entries are; the folder is the name.
{entries}

# Hosts that source.project may name.
{hosts}

# The list of publishers that you know.
{publishers}

# bump:
#   cooldown-days: 3 # for how many days an open pull request keeps its commit
#   max-new-per-run: 20
#   max-open: 40
#   hold: [] # servers whose pin is not proposed to move

# review:
#   agents: [guarddog] # or claude, codex: their keys go into the environment pinwarden-review
#   details: private

# What a risk means for a check; critical is always failure.
# status:
#   high: neutral
#   medium: neutral

# Read docs/from-manual-to-automatic.md of Pinwarden before you turn this on.
# merge:
#   enabled: false
"""


class State(StrEnum):
    """How a file stands after adopt."""

    WRITTEN = "written"
    MISSING = "would be written"
    THERE = "already there"
    KEPT = "yours, kept"
    DIFFERS = "differs, left as it is"
    NOT_A_FILE = "is a link or no file, or lies behind one, left as it is"


@dataclass(frozen=True, slots=True)
class Placed:
    """One file of adopt's: its path in the registry, the text that is to be there, how it stands, and the text that is there instead."""

    path: str
    text: str
    state: State
    found: str = ""

    @property
    def ok(self) -> bool:
        return self.state in (State.WRITTEN, State.MISSING, State.THERE, State.KEPT)

    def check(self) -> Check:
        return Check(self.path, self.ok, self.state.value)

    def lines(self) -> Iterator[str]:
        """Yield what is said of it: a line, and where it is not there as it is to be, what would change. The registry's own text can't move a cursor."""
        yield f"{self.state.value}: {self.path}"
        if self.state in (State.DIFFERS, State.MISSING):
            changes = diff(self.path, self.found, self.text).splitlines()
            yield from (f"    {shown(line[:_LONGEST_LINE])}" for line in changes[:_MOST_LINES])
            if len(changes) > _MOST_LINES:
                yield f"    … and {len(changes) - _MOST_LINES} lines more"
        if self.state is State.DIFFERS:
            yield "    to have both, copy examples/workflows/ of Pinwarden under a name that is free, with the commit in place of the zeros"


def files(examples: Mapping[str, str], commit: str, config: Config) -> dict[str, str]:
    """Return the files by path: the workflows `examples` (text by name) with the toolkit's commit, the configuration, the list of publishers."""
    texts = {f"{FOLDER}/{name}.yml": filled(text, commit) for name, text in examples.items()}
    return {**texts, CONFIG_PATH: config_text(config), config.publishers: PUBLISHERS}


def config_text(config: Config) -> str:
    """Return a configuration in which only what differs from the defaults is no comment; it knows where things are, and the hosts."""
    default, hosts = Config(), config.policy.allowed_hosts
    return _CONFIG.format(
        entries=f"# entries: {config.entries}" if config.entries == default.entries else f'entries: "{config.entries}"',
        hosts=f"{'# ' if hosts == default.policy.allowed_hosts else ''}allowed-hosts: [{', '.join(sorted(hosts))}]",
        publishers=f"{'# ' if config.publishers == default.publishers else ''}publishers: {config.publishers}",
    )


def entries_glob(paths: Sequence[str]) -> str | None:
    """Return the pattern of which all `paths` of entries are: parts that differ, and the folder, are a star. None where there is none such."""
    split = [PurePosixPath(path).parts for path in paths]
    if len({(len(parts), parts[-1]) for parts in split}) != 1 or len(split[0]) < 2:
        return None
    same = [parts[0] if len(set(parts)) == 1 else "*" for parts in zip(*split, strict=True)]
    return "/".join([*same[:-2], "*", same[-1]])
