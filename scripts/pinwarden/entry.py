"""One entry of a registry, as far as its pin is concerned."""

from __future__ import annotations

from dataclasses import dataclass

from pinwarden.document import Document

COMMIT = ("source", "commit")


@dataclass(frozen=True, slots=True)
class Entry:
    """A `server.yaml` that could be read. Fields are the text of the file's scalars, None where absent or not a scalar."""

    server: str
    """The folder's name, which is the entry's name."""
    path: str
    """The file, relative to the registry's root, with forward slashes."""
    document: Document

    @property
    def type(self) -> str | None:
        return self.document.scalar(("type",))

    @property
    def name(self) -> str | None:
        return self.document.scalar(("name",))

    @property
    def image(self) -> str | None:
        return self.document.scalar(("image",))

    @property
    def project(self) -> str | None:
        return self.document.scalar(("source", "project"))

    @property
    def commit(self) -> str | None:
        return self.document.scalar(COMMIT)

    @property
    def branch(self) -> str | None:
        return self.document.scalar(("source", "branch"))

    @property
    def directory(self) -> str | None:
        return self.document.scalar(("source", "directory"))

    @property
    def has_source(self) -> bool:
        """Tell whether `source` is a mapping, so that its keys can be spoken of."""
        node = self.document.node(("source",))
        return node is not None and isinstance(node.value, dict)

    def has(self, *path: str) -> bool:
        """Tell whether the file has a value at `path`."""
        return self.document.node(path) is not None
