"""What checking a registry makes Python load: starting up costs more than checking, and what is not loaded can't misbehave."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from support.commands import SCRIPTS
from support.registries import write_entry

COMMIT = "0f3c2a9d41b5e6f708192a3b4c5d6e7f8091a2b3"
READING_YAML = {"yaml", "cython_runtime"}
# jsonschema's own dependencies; idna is one of its optional ones, which comes with another package of the lock.
SCHEMAS = {"jsonschema", "jsonschema_specifications", "referencing", "rpds", "attr", "attrs", "typing_extensions", "idna"}
TOUCHES_THE_WORLD = {"subprocess", "socket", "ssl", "http", "email", "urllib.request", "asyncio", "multiprocessing", "logging", "secrets", "random"}

LOADED = """
import sys
before = set(sys.modules)
scripts, *arguments = sys.argv[1:]
sys.path.insert(0, scripts)
import validate_pins
code = validate_pins.main(arguments)
print(*sorted(set(sys.modules) - before), sep="\\n", file=sys.stderr)
sys.exit(code)
"""


def loaded(*arguments: str | Path) -> set[str]:
    """Run validate-pins in a process of its own, outside any workflow; return the names of the modules that it loaded."""
    command = [sys.executable, "-sE", "-c", LOADED, SCRIPTS, *arguments]
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, env={"PATH": ""}, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stderr
    return set(done.stderr.split())


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    registry = tmp_path_factory.mktemp("registry")
    write_entry(registry, "weather", COMMIT)
    return loaded("--registry", registry, "--format", "json")


def test_it_loads_the_packages_it_needs_and_no_other(modules: set[str]) -> None:
    packages = {name.partition(".")[0] for name in modules} - sys.stdlib_module_names - {"validate_pins", "pinwarden"}
    assert {name for name in packages if not name.startswith("_")} <= READING_YAML | SCHEMAS
    assert packages >= {"yaml", "jsonschema"}


def test_it_loads_nothing_that_starts_processes_or_asks_the_network(modules: set[str]) -> None:
    assert modules & (TOUCHES_THE_WORLD - {"random"}) == set()


def test_it_loads_the_adapters_of_files_and_workflows_alone(modules: set[str]) -> None:
    assert {name for name in modules if name.startswith("pinwarden.adapters.")} == {
        "pinwarden.adapters.actions_io",
        "pinwarden.adapters.command_line",
        "pinwarden.adapters.own_files",
        "pinwarden.adapters.publisher_files",
        "pinwarden.adapters.registry_files",
    }
