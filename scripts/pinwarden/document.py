"""Strict reading of one small YAML file: either a document whose every value has a place, or the one defect that refuses it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import yaml

from pinwarden.finding import START, Position
from pinwarden.nodes import Builder, Node, Refused, Value
from pinwarden.shown import quoted

MAX_BYTES = 256 * 1024

Path = Sequence[str | int]

# All that libyaml's reader refuses, said with its place.
_CONTROL = re.compile("[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# A YAML 1.1 reader ends a line, and a comment, at these; one of YAML 1.2 and every editor do not.
_LINE_END = re.compile("[\r\x85\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Defect:
    """Why a file can't be read as an entry. `rule` is the id of the finding it becomes."""

    rule: str
    at: Position
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML document: its text, its nodes, and the plain value a schema is asked about."""

    text: str
    root: Node

    @property
    def value(self) -> Value:
        return self.root.value

    def node(self, path: Path) -> Node | None:
        """Return the node at `path`, or None where there is none."""
        node: Node | None = self.root
        for step in path:
            node = node.children.get(step) if node else None
        return node

    def scalar(self, path: Path) -> str | None:
        """Return the text of the scalar at `path` as it stands, whatever type a reader would give it."""
        node = self.node(path)
        return node.text if node else None

    def is_string(self, path: Path) -> bool:
        """Tell whether every reader of YAML takes the value at `path` for text."""
        node = self.node(path)
        return node is not None and isinstance(node.value, str)

    def position(self, path: Path) -> Position:
        """Return where the key (or list item) at `path` stands, or that of its nearest parent where it is missing."""
        node = self.root
        for step in path:
            if step not in node.children:
                break
            node = node.children[step]
        return position_in(self.text, node.place)

    def rest_of_line(self, path: Path) -> str | None:
        """Return what follows the scalar at `path` on the line where it ends; None for a block scalar or where there is none."""
        node = self.node(path)
        if node is None or node.text is None or node.block:
            return None
        return self.text[node.end :].split("\n", 1)[0]


def position_in(text: str, index: int) -> Position:
    """Return the line and column of the character at `index`; only a line feed ends a line, as on GitHub."""
    return Position(text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index))


def read(raw: bytes) -> Document | Defect:
    """Read one file strictly. `raw` is its bytes, or at least `MAX_BYTES` + 1 of them where it is longer."""
    if len(raw) > MAX_BYTES:
        return Defect("file-size", START, f"the file is larger than {MAX_BYTES // 1024} KiB", "an entry is a few hundred bytes; keep only the entry here")
    text = _text(raw)
    if isinstance(text, Defect):
        return text
    builder = Builder()
    try:
        root = builder.build(text)
    except Refused as refused:
        return Defect(refused.rule, position_in(text, refused.index), refused.message, refused.hint)
    except yaml.MarkedYAMLError as error:
        return _syntax_defect(text, builder, error)
    except yaml.YAMLError as error:
        return Defect("yaml-syntax", START, f"not YAML: {quoted(str(error))}", "remove the character that YAML does not allow")
    if root is None or (root.value is None and root.text == ""):
        return Defect("empty-document", START, "the file holds no YAML document", "write the entry, or remove the file")
    if builder.anchor is not None:
        return Defect("anchor", position_in(text, builder.anchor), "an anchor names a value for use elsewhere", "remove the anchor; aliases are not allowed")
    return Document(text, root)


def _text(raw: bytes) -> str | Defect:
    if raw.startswith(b"\xef\xbb\xbf"):
        return Defect("byte-order-mark", START, "the file starts with a byte order mark", "save it as UTF-8 without BOM")
    if b"\x00" in raw:
        return Defect("not-text", START, "the file is binary: it holds NUL bytes", "save the entry as UTF-8 text")
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode()
        return Defect("not-utf8", position_in(before, len(before)), f"byte 0x{raw[error.start]:02x} is not UTF-8", "save the file as UTF-8")
    if match := _CONTROL.search(text):
        return Defect("not-text", position_in(text, match.start()), f"control character U+{ord(match[0]):04X}", "remove the character")
    if match := _LINE_END.search(text):
        what = "a carriage return (CRLF)" if match[0] == "\r" else f"U+{ord(match[0]):04X}, which only some readers take for a line end"
        return Defect("line-endings", position_in(text, match.start()), f"the line ends with {what}", "save the file with LF line endings")
    return text


def _syntax_defect(text: str, builder: Builder, error: yaml.MarkedYAMLError) -> Defect:
    mark = error.problem_mark or error.context_mark
    index = min(mark.index, len(text)) if mark else 0
    line_start = text.rfind("\n", 0, index) + 1
    indentation = text[line_start : index + 1]
    if "\t" in indentation and not indentation.strip():
        line = position_in(text, index).line
        at = position_in(text, builder.owner(index))
        return Defect("yaml-tab", at, f"line {line} is indented with a tab, which YAML does not allow", "indent with spaces")
    return Defect("yaml-syntax", position_in(text, index), f"not YAML: {error.problem or error.context}", "mend the syntax here")
