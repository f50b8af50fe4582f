"""Processes that a program starts, and command lines wherever they are written."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pinwarden.risk import Risk
from pinwarden.surface.fact import Fact, Kind
from pinwarden.surface.program import Called, Joined, Name, Several, Text
from pinwarden.surface.value import UNKNOWN
from pinwarden.surface.values import Values

_SHELL_LINES = frozenset(
    {"os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput", "asyncio.create_subprocess_shell", "commands.getoutput"}
)
_PROGRAMS = frozenset(
    "subprocess.run subprocess.Popen subprocess.call subprocess.check_call subprocess.check_output asyncio.create_subprocess_exec anyio.run_process"  # noqa: SIM905
    " anyio.open_process trio.run_process pty.spawn os.execv os.execve os.execvp os.execvpe os.execl os.execlp os.spawnv os.spawnl os.posix_spawn Popen check_output check_call".split()
)
_NODE = frozenset(
    {
        "exec",
        "execSync",
        "spawn",
        "spawnSync",
        "execFile",
        "execFileSync",
        "fork",
        "execa",
        "execaSync",
        "execaCommand",
        "execAsync",
        "execFileAsync",
        "execPromise",
    }
)
_NODE_SHELL = frozenset({"exec", "execSync", "execaCommand", "execAsync", "execPromise"})
_NODE_MODULES = frozenset({"", "child_process", "cp", "childProcess", "child", "Bun", "proc", "require"})
_LOADERS = frozenset(
    {"curl", "wget", "nc", "ncat", "netcat", "socat", "telnet", "powershell", "pwsh", "bash", "sh", "zsh", "cmd", "cmd.exe", "certutil", "osascript"}
)

_FETCHES = re.compile(r"\b(?:curl|wget|fetch|base64\s+(?:-d|--decode|-D))\b", re.IGNORECASE)
_RUNS = re.compile(r"\s*(?:sudo\s+)?(?:\S{0,40}/)?(?:(?:ba|z|da|k)?sh|python[0-9.]*|node|perl|ruby|iex)\b", re.IGNORECASE)
_AT_ONCE = re.compile(
    r"\b(?:ba|z|da)?sh\s+(?:-c\s+)?[\"']?(?:<\(|\$\(|`)\s*(?:curl|wget)\b|\beval\s+[\"']?\$\(\s*(?:curl|wget)\b|/dev/tcp/|\bnc(?:at)?\s[^\n|;]{0,80}\s-e\s|\b(?:iwr|irm)\b[^\n]{0,300}\|\s*iex\b",
    re.IGNORECASE,
)


_VERSION = re.compile(r"(?<=[^/:]/)v?\d+(?:\.\d+){1,3}(?=/)")
_LONGEST = 10_000


def downloads_and_runs(command: str) -> bool:
    """Tell whether a command line runs what it has just fetched or decoded."""
    if _AT_ONCE.search(command):
        return True
    for line in re.split(r"[;\n]|&&", command):
        steps = line.split("|")
        fetched = False
        for step in steps:
            if fetched and _RUNS.match(step):
                return True
            fetched = fetched or bool(_FETCHES.search(step))
    return False


def command_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield a script's lines with the number on which each starts; one that goes on after a backslash is one line."""
    started, whole = 1, ""
    for number, line in enumerate(text.split("\n"), 1):
        if line.lstrip().startswith("#"):
            continue
        started, whole = (started, whole) if whole else (number, "")
        whole += line.removesuffix("\\")[:_LONGEST]
        if line.endswith("\\") and len(whole) < _LONGEST:
            continue
        yield started, whole
        whole = ""
    if whole:
        yield started, whole


def runs_what_it_fetched(line: str, number: int, when: str = "") -> Fact:
    """Return the fact for such a line; another version of what it fetches makes it no other line."""
    return Fact(Kind.PROCESS, f"download and run {_VERSION.sub('*', line.strip())[:200]}", number, Risk.HIGH, f"runs what it has just fetched{when}")


def command_facts(call: Called, values: Values) -> Iterator[Fact]:
    """Yield the process that a call starts."""
    module, _, last = call.function.rpartition(".")
    node = last in _NODE and (module in _NODE_MODULES or module.endswith("child_process"))
    if call.function not in _SHELL_LINES and call.function not in _PROGRAMS and not node:
        return
    through_shell = (
        call.function in _SHELL_LINES
        or (node and last in _NODE_SHELL)
        or any(key == "shell" and not (isinstance(value, Text) and value.value in ("False", "false")) for key, value in call.named)
    )
    if not call.arguments:
        return
    first = call.arguments[0]
    program = first.items[0] if isinstance(first, Several) and first.items else first
    lines = [value.text for value in values.roughly(first)] if isinstance(first, Text | Joined | Name) else [" ".join(v.text for v in values.roughly(first))]
    for line in lines:
        if downloads_and_runs(line):
            yield Fact(Kind.PROCESS, f"download and run {line[:60]}", call.line, Risk.HIGH, "runs what it has just fetched")
    for value in values.roughly(program):
        word = value.text.split()[0] if through_shell and value.text.split() else value.text
        name = word.rpartition("/")[2]
        if through_shell and UNKNOWN in " ".join(lines):
            yield Fact(Kind.PROCESS, f"shell {name}", call.line, Risk.MEDIUM, "gives a shell a line that is made at run time")
        elif UNKNOWN in name or not name:
            if not name.startswith("sys.executable"):
                yield Fact(Kind.PROCESS, "computed", call.line, Risk.LOW, "starts a program whose name is made at run time")
        else:
            risk = Risk.MEDIUM if name.lower() in _LOADERS else Risk.LOW
            yield Fact(Kind.PROCESS, name, call.line, risk, f"starts {name}")
