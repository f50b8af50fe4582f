"""Changes the code that decides in one place at a time (changes.py says how), and tells which changes no test notices.

A survivor must be listed in survivors.txt with the reason why it is equivalent: what is not listed, and what is listed and does not
survive, ends the run with 1. Arguments are names of modules; none means all. Property tests are left out: what only a random example
notices is not noticed each time.
"""

from __future__ import annotations

import ast
import gc
import io
import os
import resource
import signal
import sys
import types
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOTS = {"pinwarden": ROOT / "scripts", "proxy": ROOT / "actions/run-review/sandbox"}
sys.path[:0] = [*map(str, ROOTS.values()), str(ROOT / "tests")]
_PROXY = "unit/test_proxy_policy.py"
MODULES = {
    "pinwarden.merge_policy": "unit/test_merge_policy.py",
    "pinwarden.pin_edit": "unit/test_pin_edit.py",
    "pinwarden.verdict": "unit/test_verdict.py",
    "pinwarden.scan": "unit/test_scan.py",
    "pinwarden.risk": "unit/test_labels.py",
    "pinwarden.labels": "unit/test_labels.py unit/test_status.py",
    "pinwarden.conclusion": "unit/test_conclusion.py unit/test_status.py",
    "pinwarden.review": "unit/test_review.py",
    "pinwarden.written": "unit/test_review.py",
    "pinwarden.status": "unit/test_status.py",
    "pinwarden.adapters.collection": "integration/test_collection.py",
    "proxy.strict_json": _PROXY,
    "proxy.shape": _PROXY,
    "proxy.policy": _PROXY,
    "proxy.messages": _PROXY,
    "proxy.responses": _PROXY,
}
"""What is changed, and the tests that shall notice."""
WORDED = ("pinwarden.merge_policy", "pinwarden.pin_edit")
LISTED = Path(__file__).parent / "survivors.txt"
_CPU_SECONDS, _SECONDS = 30, 60
"""A change can make a loop endless, or a read wait for ever."""


def survives(name: str, tree: ast.Module) -> bool:
    """Run the tests of a module on its changed form, in a process of its own."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    code = 1
    try:
        resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS))
        signal.alarm(_SECONDS)
        module = types.ModuleType(name)
        module.__file__ = str(path_of(name))
        sys.modules[name] = module
        exec(compile(tree, module.__file__, "exec"), module.__dict__)  # our own source, changed in one place
        code = pytest_of(name, "-x", "-m", "not hypothesis")
    except BaseException:  # noqa: BLE001  # a change that can't even be loaded is noticed
        code = 1
    finally:
        os._exit(code)


def pytest_of(name: str, *options: str) -> int:
    import pytest

    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        return int(pytest.main(["-q", *options, *(str(ROOT / "tests" / file) for file in MODULES[name].split())]))


def load_others(name: str) -> None:
    """Load what the tests of a module need and is not ours, once for all its changes. Ours may hold on to what will be changed."""
    pytest_of(name, "--collect-only")
    for loaded, module in list(sys.modules.items()):
        place = getattr(module, "__file__", None) or ""
        if loaded != "__main__" and place.startswith(f"{ROOT}/") and not place.startswith((f"{ROOT}/out/", f"{Path(__file__).parent}/")):
            del sys.modules[loaded]
    gc.collect()
    gc.freeze()


def path_of(name: str) -> Path:
    return ROOTS[name.partition(".")[0]] / f"{name.replace('.', '/')}.py"


def main(wanted: Sequence[str]) -> int:
    from mutation.changes import mutants

    chosen = [name for name in MODULES if not wanted or name.rpartition(".")[2] in wanted or name in wanted]
    if not chosen:
        print(f"no module is called {' or '.join(wanted)}; there are: {' '.join(MODULES)}")
        return 2
    lines = [line.partition("  # ")[0] for line in LISTED.read_text().splitlines() if line and not line.startswith("#")]
    listed = {line for line in lines if line.partition(": ")[0].rpartition(".")[0] in chosen}
    found: set[str] = set()
    total = 0
    for name in chosen:
        source = path_of(name).read_text()
        load_others(name)
        # The control: where the tests fail without a change, everything would look noticed.
        if not survives(name, ast.parse(source)):
            print(f"the tests of {name} fail without any change")
            return 2
        count = survivors = 0
        for named, tree in mutants(source, worded=name in WORDED):
            count += 1
            if survives(name, tree):
                survivors += 1
                found.add(f"{name}.{named}")
                if f"{name}.{named}" not in listed:
                    print(f"survived, and is not listed: {name}.{named}", flush=True)
        print(f"{name}: {count} changes, {survivors} survived", flush=True)
        total += count
    for one in sorted(listed - found):
        print(f"listed, and did not survive: {one}")
    print(f"{total} changes, {total - len(found)} noticed, {len(found)} survived, {len(found & listed)} of them listed as equivalent")
    return 0 if found == listed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
