"""Forms from other packages, by entry points of the group "loompress.forms"."""

from collections.abc import Callable, Iterator
from importlib import import_module, metadata

GROUP = "loompress.forms"
Form = Callable[[str], str]

# Forms of this package that only some interpreters can run, by module and attribute.
_BUILTIN = {
    "nfc": ("unicodedata", "normalize"),
    "html": ("html", "escape"),
    "plain": ("html", "unescape"),
    "rot13": ("codecs", "encode"),
}
_EXTRA = {"nfc": ("NFC",), "rot13": ("rot13",)}


def resolve(path: tuple[str, str]) -> Callable[..., str]:
    module, attribute = path
    return getattr(import_module(module), attribute)


def _bound(name: str) -> Form:
    function, extra = resolve(_BUILTIN[name]), _EXTRA.get(name, ())
    if name == "nfc":
        return lambda text: function(*extra, text)
    return lambda text: function(text, *extra)


def _reverse(text: str) -> str:
    return text[::-1]


def load() -> Iterator[tuple[str, Form]]:
    yield "reverse", _reverse
    for name in _BUILTIN:
        yield name, _bound(name)
    for point in metadata.entry_points(group=GROUP):
        form = resolve((point.module, point.attr))
        if callable(form):
            yield point.name, form
