"""The column about published images: what verify-image said, and a command with which anybody asks again."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pinwarden.entry import Entry
from pinwarden.image import REVISION
from pinwarden.image_check import OUTSIDE
from pinwarden.page.cells import ImageCell, State
from pinwarden.page.dates import day_in
from pinwarden.shown import shown

_IMAGE = re.compile(r"[a-z0-9](?:[a-z0-9._/-]{0,200}[a-z0-9])?(?::[0-9]{1,5}/[a-z0-9._/-]{1,200})?(?::[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?\Z")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}\Z")


@dataclass(frozen=True, slots=True)
class ImageCheck:
    """What verify-image printed of one server. `reasons` are codes with their messages; `checked` is the day, where it said that."""

    image: str
    digest: str | None
    pin: str
    ok: bool
    signed: bool
    reasons: tuple[tuple[str, str], ...]
    checked: str | None


def image_check_of(document: Any) -> ImageCheck:
    """Read what verify-image prints as JSON. Raises KeyError, TypeError or ValueError for anything else."""
    image, digest, pin, ok, checked = (document.get(key) for key in ("image", "digest", "pin", "ok", "checked"))
    reasons = tuple((str(row["reason"]), str(row["message"])) for row in document["reasons"])
    if not isinstance(image, str) or not isinstance(pin, str) or not isinstance(ok, bool) or ok is bool(reasons):
        raise ValueError("not what verify-image prints")
    if digest is not None and not (isinstance(digest, str) and _DIGEST.match(digest)):
        raise ValueError("not what verify-image prints")
    return ImageCheck(image, digest, pin, ok, document.get("signature") is not None, reasons, None if checked is None else day_in(checked))


def image_cell(entry: Entry | None, checks: Mapping[str, ImageCheck] | None) -> ImageCell:
    """Say whether an entry's image is what its pin says. `entry` is None where nothing is built from a pin."""
    if entry is None or not entry.image:
        return ImageCell(State.NOT_CHECKED, "no image that is built from a pin")
    if checks is None:
        return ImageCell(State.NOT_CHECKED, "images were not looked at", entry.image)
    check = checks.get(entry.server)
    if check is None:
        return ImageCell(State.NOT_CHECKED, "this image was not looked at", entry.image)
    told = ImageCell(State.OK, "", check.image, check.digest, check.checked, tuple(message for _, message in check.reasons))
    if check.pin != entry.commit:
        return ImageCell(State.NOT_CHECKED, f"it was compared with an older pin, {shown(check.pin[:12])}", check.image, checked=check.checked)
    if check.ok:
        what = "every platform is labelled with the pin" + (", and so it was signed" if check.signed else "; no signature was asked for")
        return ImageCell(State.OK, what, told.image, told.digest, told.checked)
    if all(code in OUTSIDE for code, _ in check.reasons):
        return ImageCell(State.NOT_CHECKED, "it could not be looked at", told.image, told.digest, told.checked, told.reasons)
    return ImageCell(State.PROBLEM, "it is not shown to be built from the pin", told.image, told.digest, told.checked, told.reasons)


def verify_command(entry: Entry | None, cell: ImageCell) -> str | None:
    """Return a shell command that fails unless an image's label is the pin, None where there is no such image or it can't be named safely.

    Whoever can push an image can write its label: verify-image looks at signatures as well.
    """
    if entry is None or not entry.commit or not cell.image or not _IMAGE.match(cell.image.partition("@")[0]):
        return None
    name = cell.image.partition("@")[0]
    image = shlex.quote(f"{name}@{cell.digest}" if cell.digest else name)
    inspect = f"docker image inspect --format '{{{{index .Config.Labels \"{REVISION}\"}}}}' {image}"
    return f'docker pull --quiet {image} &&\ntest "$({inspect})" = {entry.commit} &&\necho built from the pin || {{ echo NOT shown to be built from the pin >&2; false; }}'
