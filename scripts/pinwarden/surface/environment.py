"""Where a program reads environment variables."""

from __future__ import annotations

from pinwarden.surface.program import Called, Expr, Item, Name, Text

COMPUTED = "*"
"""Stands for a variable whose name only a run would tell."""

_ENVIRONMENTS = frozenset({"os.environ", "environ", "process.env", "import.meta.env", "Deno.env", "Bun.env"})
_GETTERS = frozenset({"os.environ.get", "environ.get", "os.getenv", "getenv", "os.environ.setdefault", "os.environ.pop", "Deno.env.get", "process.env.get"})


def environment_variable(expr: Expr) -> str | None:
    """Return the name of the environment variable that `expr` reads, `*` where a run would tell; None for anything else."""
    match expr:
        case Called(function=function, arguments=(key, *_)) if function in _GETTERS:
            return key.value if isinstance(key, Text) else COMPUTED
        case Item(base=Name(path=path), key=key) if path in _ENVIRONMENTS:
            return key.value if isinstance(key, Text) else COMPUTED
        case Name(path=path) if path.startswith(("process.env.", "import.meta.env.", "Bun.env.")):
            return path.rpartition(".")[2]
    return None


def is_environment(expr: Expr) -> bool:
    """Tell whether `expr` is the whole environment."""
    # const { env } = process
    taken = isinstance(expr, Item) and isinstance(expr.base, Name) and expr.base.path == "process" and isinstance(expr.key, Text) and expr.key.value == "env"
    return taken or (isinstance(expr, Name) and expr.path in _ENVIRONMENTS)
