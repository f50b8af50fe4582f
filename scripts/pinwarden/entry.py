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
    name: str | None
    type: str | None
    image: str | None
    project: str | None
    commit: str | None
    branch: str | None
    directory: str | None
    has_source: bool
    """Whether `source` is a mapping, so that its keys can be spoken of."""

    @classmethod
    def of(cls, server: str, path: str, document: Document) -> Entry:
        """Return the entry that a document holds."""
        source = document.node(("source",))
        return cls(
            server,
            path,
            document,
            name=document.scalar(("name",)),
            type=document.scalar(("type",)),
            image=document.scalar(("image",)),
            project=document.scalar(("source", "project")),
            commit=document.scalar(COMMIT),
            branch=document.scalar(("source", "branch")),
            directory=document.scalar(("source", "directory")),
            has_source=source is not None and isinstance(source.value, dict),
        )

    def has(self, *path: str) -> bool:
        """Tell whether the file has a value at `path`."""
        return self.document.node(path) is not None
