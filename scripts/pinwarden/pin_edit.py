"""Whether a change to a registry is exactly one new commit in one entry, by every file of both trees."""

from __future__ import annotations

from collections.abc import Sequence

from pinwarden.edit import CannotEdit, moved_pin
from pinwarden.merge_policy import Edit
from pinwarden.shown import quoted
from pinwarden.validation import Checked


def one_pin(paths: Sequence[str], before: Checked | None, after: Checked | None, *, stale: bool) -> Edit:
    """Return the one pin that a change moves. `paths` are all that it touches, `before` and `after` the entry there, None where there is none.

    The new text must be what moving the pin makes of the old one: one byte more and it is no pin.
    """
    if len(paths) != 1:
        first = f": {', '.join(map(quoted, paths[:3]))}" if paths else ""
        return Edit(f"it changes {len(paths)} files, not one{first}")
    path = quoted(paths[0])
    if before is None or after is None:
        return Edit(f"{path} is not an entry before and after")
    old, new = before.entry, after.entry
    if old is None or new is None or before.errors or after.errors or not old.commit or not new.commit:
        return Edit(f"{path} is not a valid entry with a pin before and after")
    try:
        same = moved_pin(old, new.commit) == new.document.text
    except CannotEdit as error:
        return Edit(f"{path}: {error}")
    if not same or old.commit == new.commit:
        return Edit(f"{path} is changed in more than its pin")
    return Edit("", new.server, old.commit, new.commit, stale)
