"""What a program shows to the world and takes from it: one function for each thing that is looked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from pinwarden.risk import Risk
from pinwarden.surface import texts
from pinwarden.surface.calls import path_parts
from pinwarden.surface.commands import command_facts
from pinwarden.surface.delays import delays
from pinwarden.surface.environment import COMPUTED, environment_variable, is_environment
from pinwarden.surface.fact import Fact, Kind
from pinwarden.surface.lookups import lookups
from pinwarden.surface.program import Called, Expr, Fields, Joined, Name, Program, Several, Text, parts
from pinwarden.surface.recipients import recipients
from pinwarden.surface.spelt import spelt
from pinwarden.surface.values import Values
from pinwarden.surface.weakened import weakened

_CONNECTORS = frozenset({"connect", "connect_ex", "create_connection", "createConnection", "open_connection", "sendto", "Socket", "SMTP", "SMTP_SSL"})
_NUMBER = re.compile(r"(?:\d{1,3}\.){3}\d{1,3}")
_CODE_MAKERS = frozenset({"eval", "exec", "execfile", "Function", "runInNewContext", "runInThisContext", "runInContext"})
_UNPICKLERS = frozenset({"pickle.loads", "pickle.load", "marshal.loads", "dill.loads", "cloudpickle.loads", "jsonpickle.decode", "shelve.open"})
_LEAST_TEXT = 40
"""Characters of a text that can tell a model anything."""
_GIVEN_LATER = frozenset({"get", "load", "loads", "read", "read_text", "readFileSync", "json", "text", "fetch", "getItem", "query", "getenv"})
_BUILD_HOOKS = ("BuildHookInterface", "MetadataHookInterface", "build_ext", "build_py", "bdist_wheel")
_NETWORK = re.compile(r"urlopen|urlretrieve|^requests\.|^httpx\.|^aiohttp\.|^socket\.|^http\.client\.")
_FETCHERS = re.compile(
    r"requests\.|httpx\.|urlopen|fetch|axios|b64decode|atob|fromhex|decompress|unhexlify|loads|inflate|gunzip|fromCharCode|fromCodePoint|codecs\.decode|Buffer\.from"
    r"|TextDecoder|[dD]ecipher|decrypt|unescape|bytearray|bytes$"
)

Read = Callable[[Program, Values], Iterator[Fact]]


def facts(program: Program, values: Values) -> Iterator[Fact]:
    """Yield what `program` says; `values` folds its names and those of its neighbours."""
    for look in (recipients, literals, spelt, connections, lookups, environment, tools, told_later, code, builds, weakened, delays):
        yield from look(program, values)
    for expr in program.everything():
        if isinstance(expr, Called):
            yield from command_facts(expr, values)


def literals(program: Program, values: Values) -> Iterator[Fact]:
    """Yield hosts, addresses and well-known secrets in what the literals come to, and what in them instructs a model: any may become a tool's text or its answer."""
    declared = "\n".join(f"{tool.text}\n{tool.shape}" for tool in program.tools)
    for expr in _outermost(program):
        for value in values.roughly(expr):
            yield from texts.literal_facts(value.text, expr.line)
            if len(value.text) >= _LEAST_TEXT and value.text not in declared:
                yield from texts.instructions("a literal", value.text, expr.line, texts.IN_ANY_TEXT)


def connections(program: Program, values: Values) -> Iterator[Fact]:
    """Yield the hosts to which a socket is opened."""
    for expr in program.everything():
        if isinstance(expr, Called) and expr.last in _CONNECTORS:
            for argument in expr.arguments[:2]:
                for value in values.roughly(argument):
                    if _NUMBER.fullmatch(value.text):
                        yield from texts.host_facts(value.text, expr.line)


def _outermost(program: Program) -> Iterator[Text | Joined | Called]:
    """Yield texts that are not part of a larger text."""
    waiting = [*program.roots, *(value for _, value in program.bound)]
    while waiting:
        expr = waiting.pop()
        if isinstance(expr, Text | Joined) or (isinstance(expr, Called) and path_parts(expr)):
            yield expr
        if not isinstance(expr, Text):
            waiting.extend(part for part in parts(expr) if not (isinstance(expr, Joined) and isinstance(part, Text)))


def environment(program: Program, values: Values) -> Iterator[Fact]:
    """Yield the environment variables that are read, and the whole environment where it is given away."""
    shown = {tool.name for tool in program.tools}
    for function, value in program.returned:
        if function in shown and _copies_environment(value, values):
            yield Fact(Kind.ENVIRONMENT, "*", value.line, Risk.HIGH, f"gives the whole environment to whoever calls the tool {function}", function)
    for expr in program.everything():
        name = environment_variable(expr)
        if name == COMPUTED:
            yield Fact(Kind.ENVIRONMENT, "computed", expr.line, Risk.LOW, "reads an environment variable whose name is made at run time")
        elif name:
            yield Fact(Kind.ENVIRONMENT, name, expr.line, Risk.LOW, f"reads the environment variable {name}")
        if isinstance(expr, Joined) and any(_copies_environment(part, values) for part in expr.parts):
            yield Fact(Kind.ENVIRONMENT, "*", expr.line, Risk.HIGH, "writes the whole environment into a text")
        if isinstance(expr, Called):
            given = [*expr.arguments, *(value for key, value in expr.named if key != "env")]
            away = [value for value in given if _copies_environment(value, values)]
            if away and (expr.last in _GIVES_AWAY or expr.function in _GIVES_AWAY):
                yield Fact(Kind.ENVIRONMENT, "*", expr.line, Risk.HIGH, f"gives the whole environment to {expr.function or 'a call'}", expr.function)


_GIVES_AWAY = frozenset(
    "post put patch get request fetch send sendall sendto sendMessage send_message write writeFile writeFileSync write_text dump dumps stringify urlencode"  # noqa: SIM905
    " publish emit upload urlopen print log info warn error debug track capture report encode Request URLSearchParams b64encode btoa notify axios got repr pformat str String join set_content attach MIMEText".split()
)
"""Calls after which something has left, or is ready to; a function that only looks for a name in the environment is none."""


_COPIES = frozenset(
    {"dict", "copy", "assign", "stringify", "dumps", "items", "str", "String", "entries", "map", "join", "sorted", "list", "repr", "fromEntries"}
)


def _copies_environment(expr: Expr, values: Values) -> bool:
    """Tell whether `expr` holds the whole environment: itself, in a list or mapping, under a name, or as what a function returns."""
    waiting: list[Expr] = [expr]
    followed: set[str] = set()
    for _ in range(100):
        if not waiting:
            return False
        one = waiting.pop()
        if is_environment(one):
            return True
        match one:
            case Called() if one.last in _COPIES:
                waiting.extend(parts(one))
            case Name(path=path, given=False) | Called(function=path) if "." not in path and path not in followed:
                followed.add(path)
                waiting.extend(values.bound(one))
            case Several(items=items) | Joined(parts=items):
                waiting.extend(items)
            case Fields(pairs=pairs):
                waiting.extend(value for key, value in pairs if key != "env")
            case _:
                pass
    return False


def tools(program: Program, _: Values) -> Iterator[Fact]:
    """Yield the tools that are declared, and what in their texts instructs a model."""
    for tool in program.tools:
        yield Fact(Kind.TOOL, tool.name, tool.line, Risk.LOW, f"the tool {tool.name}", f"{tool.text}\n{tool.shape}")
        yield from texts.instructions(f"the tool {tool.name}", f"{tool.text}\n{tool.shape}", tool.line)


def told_later(program: Program, _: Values) -> Iterator[Fact]:
    """Yield the tools whose text a call gives at run time: what was approved may say something else tomorrow."""
    for expr in program.everything():
        pairs: Sequence[tuple[str, Expr]] = ()
        match expr:
            case Fields() if {"inputSchema", "input_schema"} & {key for key, _ in expr.pairs}:
                pairs = expr.pairs
            case Called() if expr.last in ("Tool", "tool", "add_tool"):
                pairs = expr.named
            case _:
                pass
        for key, value in pairs:
            if key == "description" and isinstance(value, Called) and value.last in _GIVEN_LATER:
                yield Fact(Kind.TOOL_TEXT, f"later {value.function}", value.line, Risk.MEDIUM, f"a tool's text is what {value.function} gives at run time")


def code(program: Program, values: Values) -> Iterator[Fact]:
    """Yield where code is made at run time."""
    for expr in program.everything():
        if not isinstance(expr, Called):
            continue
        if expr.function in _UNPICKLERS:
            yield Fact(Kind.DYNAMIC_CODE, expr.function, expr.line, Risk.MEDIUM, f"{expr.function} may run what it reads")
        elif expr.function in _CODE_MAKERS or (expr.last in _CODE_MAKERS and expr.function.startswith(("builtins.", "vm.", "globalThis.", "window."))):
            if any(_FETCHERS.search(inner.function) for argument in expr.arguments for inner in _calls(argument, values)):
                yield Fact(Kind.DYNAMIC_CODE, f"{expr.last} of decoded", expr.line, Risk.CRITICAL, f"{expr.last} runs code that is fetched or decoded first")
            elif expr.arguments and not isinstance(expr.arguments[0], Text):
                yield Fact(Kind.DYNAMIC_CODE, expr.last, expr.line, Risk.MEDIUM, f"{expr.last} runs code that is made at run time")


def builds(program: Program, _: Values) -> Iterator[Fact]:
    """Yield what a step of the package's build fetches."""
    names = [expr.path for expr in program.everything() if isinstance(expr, Name)]
    if not any(name.endswith(_BUILD_HOOKS) or name.startswith("setuptools.command.") for name in names):
        return
    for expr in program.everything():
        if isinstance(expr, Called) and _NETWORK.search(expr.function):
            yield Fact(Kind.INSTALL_HOOK, f"fetches {expr.function}", expr.line, Risk.HIGH, f"{expr.function} fetches something while the package is built")


def _calls(expr: Expr, values: Values) -> Iterator[Called]:
    waiting: list[Expr] = [expr]
    for _ in range(200):
        if not waiting:
            return
        one = waiting.pop()
        if isinstance(one, Called):
            yield one
        waiting.extend(values.bound(one) if isinstance(one, Name) else parts(one))


def distinct(found: Iterable[Fact]) -> Sequence[Fact]:
    """Return facts without repetition on one line, in order."""
    return list({(fact.kind, fact.key, fact.line, fact.value): fact for fact in found}.values())
