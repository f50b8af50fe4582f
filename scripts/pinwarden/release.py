"""Which of an upstream's tags is its newest release."""

from __future__ import annotations

from collections.abc import Iterable

from packaging.version import InvalidVersion, Version


def newest_release(tags: Iterable[str]) -> str | None:
    """Return the tag with the highest version, None where no tag is one; pre-releases don't count.

    A tag is a version with an optional `v` in front (`v1.4.0`, `2025.4.24`), ordered as `packaging` orders versions.
    Of two spellings of one version the one that sorts last is taken, so that the answer never depends on order.
    """
    releases = [(version, tag) for tag in tags if (version := _version(tag)) and not version.is_prerelease]
    return max(releases)[1] if releases else None


def _version(tag: str) -> Version | None:
    try:
        return Version(tag)
    except InvalidVersion:
        return None
