"""The launcher: one message where it can't start, and nothing in the workspace or the environment that can take it over."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from integration.conftest import SCRIPTS, Launcher

TOOLS = ("sh", "dirname", "env", "basename", "tr", "sed", "mktemp", "rm", "touch", "uname", "id", "find")
HOSTILE = ("yaml", "pip", "venv", "ensurepip", "json", "hashlib", "os", "argparse", "contextlib", "pinwarden", "sitecustomize", "usercustomize")
COMMANDS = sorted(path.stem.replace("_", "-") for path in SCRIPTS.glob("*.py"))


@pytest.fixture
def registry(tmp_path: Path) -> Path:
    """One entry with a name for a commit: exit code 1, one finding."""
    entry = tmp_path / "the registry" / "servers" / "weather" / "server.yaml"
    entry.parent.mkdir(parents=True)
    entry.write_text("name: weather\ntype: server\nimage: mcp/weather\nsource:\n  project: https://github.com/o/weather\n  commit: main\n")
    return tmp_path / "the registry"


def arguments(registry: Path) -> Sequence[str | Path]:
    return ("validate-pins", "--registry", registry, "--format", "json")


def assert_one_message(done: subprocess.CompletedProcess[str], code: int, said: str, mending: str) -> None:
    """Two lines: what is wrong, and the line that mends it."""
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    first, second = done.stderr.splitlines()
    assert first.startswith("error: ")
    assert said in first
    assert second.startswith("  ")
    assert mending in second


def executable(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def without_python(folder: Path) -> Path:
    """A folder for PATH with what a launcher may need, but no Python."""
    folder.mkdir()
    for tool in TOOLS:
        if found := shutil.which(tool):
            (folder / tool).symlink_to(found)
    return folder


@pytest.mark.parametrize(
    "words", [[], ["no-such-command"], ["../scripts/validate-pins"], ["validate_pins"], ["Validate-Pins"], ["validate-pins.py"], ["\x1b[1m"], [""]]
)
def test_what_is_no_command_gets_the_list(cold: Launcher, words: list[str]) -> None:
    done = cold.run(*words)
    assert (done.returncode, done.stdout) == (2, "")
    *told, usage = done.stderr.splitlines()[: -len(COMMANDS)]
    listed = done.stderr.splitlines()[-len(COMMANDS) :]
    assert told == [f"error: no command is named {word.lstrip(chr(27))}" for word in words if word]
    assert usage.startswith("usage: scripts/run <command>")
    assert [line.strip() for line in listed] == COMMANDS
    assert not cold.folder.exists()


@pytest.mark.parametrize("word", ["-h", "--help"])
def test_whoever_asks_for_help_gets_it(cold: Launcher, word: str) -> None:
    done = cold.run(word)
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.strip() for line in done.stdout.splitlines()[1:]] == COMMANDS


@pytest.mark.parametrize("there", [True, False])
def test_a_python_that_was_named_and_does_not_work(cold: Launcher, tmp_path: Path, there: bool) -> None:
    named = tmp_path / "my python"
    if there:
        executable(named, "#!/bin/sh\nexit 1\n")
    done = replace(cold, environment={"PINWARDEN_PYTHON": str(named)}).run("validate-pins", "--help")
    assert_one_message(done, 2, f"PINWARDEN_PYTHON is not Python 3.11 or newer: {named}", "unset it")
    assert cold.environments() == []


def test_no_python_that_is_new_enough(cold: Launcher, tmp_path: Path) -> None:
    path = without_python(tmp_path / "bin")
    for name in ("python3.13", "python3.11", "python3"):
        # An old interpreter fails the probe; a version manager's shim for one that is not installed fails at all.
        executable(path / name, "#!/bin/sh\necho 'AssertionError' >&2\nexit 1\n")
    done = replace(cold, environment={"PATH": str(path), "PINWARDEN_PYTHON": ""}).run("validate-pins", "--help")
    assert_one_message(done, 2, "no Python 3.11 or newer", "apt-get install python3 python3-venv")


def test_the_first_python_that_works_is_taken(warm: Launcher, tmp_path: Path) -> None:
    path = without_python(tmp_path / "bin")
    executable(path / "python3.14", "#!/bin/sh\nexit 127\n")
    executable(path / "python3", f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    done = replace(warm, environment={"PATH": str(path), "PINWARDEN_PYTHON": ""}).run("validate-pins", "--help")
    assert done.returncode == 0, done.stderr


def test_a_python_without_pip(cold: Launcher, tmp_path: Path) -> None:
    bare = python_without_pip(tmp_path / "bare")
    # Control: it works, but for what is missing.
    assert subprocess.run([bare, "-I", "-c", "import json, venv"], check=False).returncode == 0
    done = replace(cold, environment={"PINWARDEN_PYTHON": str(bare)}).run("validate-pins", "--help")
    assert_one_message(done, 2, f"{bare} has no pip and can't make one", "apt-get install python3-venv")
    assert cold.environments() == []


def python_without_pip(prefix: Path) -> Path:
    """An interpreter whose standard library lacks ensurepip and that has no packages, as Debian's is without python3-venv."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    binary, library, real = prefix / "bin" / version, prefix / "lib" / version, Path(os.__file__).parent
    binary.parent.mkdir(parents=True)
    library.mkdir(parents=True)
    shutil.copy2(os.path.realpath(sys.executable), binary)
    for part in real.iterdir():
        if part.name not in ("ensurepip", "site-packages", "dist-packages", "__pycache__"):
            (library / part.name).symlink_to(part)
    return binary


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A workspace full of modules with well-known names, each of which leaves a file in `owned` when it is run."""
    workspace = tmp_path / "hostile workspace"
    workspace.mkdir()
    (tmp_path / "owned").mkdir()
    for name in (*HOSTILE, "startup"):
        (workspace / f"{name}.py").write_text(f"import io\nio.open({str(tmp_path / 'owned' / name)!r}, 'w').close()\n")
    return workspace


def taken_over(launcher: Launcher, hostile: Path) -> Launcher:
    """A launcher in an environment that points Python at the workspace in every way there is."""
    startup = {"PYTHONSTARTUP": str(hostile / "startup.py"), "CDPATH": str(hostile)}
    return replace(launcher, environment=dict.fromkeys(["PYTHONPATH", "PYTHONHOME", "PYTHONUSERBASE", "PYTHONPLATLIBDIR"], str(hostile)) | startup)


def test_a_hostile_workspace_changes_nothing(warm: Launcher, hostile: Path, registry: Path, tmp_path: Path) -> None:
    wanted = warm.run(*arguments(registry), cwd=tmp_path)
    done = taken_over(warm, hostile).run(*arguments(registry), cwd=hostile)
    assert (done.returncode, done.stdout, done.stderr) == (1, wanted.stdout, "")
    assert list((tmp_path / "owned").iterdir()) == []


def test_a_hostile_workspace_changes_nothing_at_the_first_run(cold: Launcher, warm: Launcher, hostile: Path, registry: Path, tmp_path: Path) -> None:
    done = taken_over(cold, hostile).run(*arguments(registry), cwd=hostile)
    assert (done.returncode, done.stdout) == (1, warm.run(*arguments(registry), cwd=tmp_path).stdout)
    assert list((tmp_path / "owned").iterdir()) == []


@pytest.mark.parametrize("command", [["-m", "pip"], ["-m", "venv"], ["-c", "import yaml"]])
def test_control_a_hostile_workspace_takes_over_what_is_not_isolated(hostile: Path, tmp_path: Path, command: list[str]) -> None:
    subprocess.run([sys.executable, *command], cwd=hostile, check=False, capture_output=True)
    assert list((tmp_path / "owned").iterdir()) != []


def test_two_at_once_make_one_environment(tmp_path: Path, pip_cache: Path, registry: Path) -> None:
    scripts = copy_of_scripts(tmp_path / "a copy")
    launcher = Launcher(tmp_path / "cache with blanks", pip_cache, scripts)
    with launcher.start(arguments(registry)) as one, launcher.start(arguments(registry)) as other:
        (out, err), (other_out, other_err) = one.communicate(), other.communicate()
    assert (one.returncode, other.returncode) == (1, 1), err + other_err
    assert '"checked": 1' in out
    assert out == other_out
    assert [path.name for path in launcher.environments()[0].glob("complete")] == ["complete"]
    assert len(launcher.environments()) == 1


def copy_of_scripts(target: Path) -> Path:
    """A copy of the toolkit, for a test that changes it or needs it elsewhere."""
    shutil.copytree(SCRIPTS, target / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(SCRIPTS.parent / "schemas", target / "schemas")
    return target / "scripts"


def test_a_runner_s_temporary_folder_comes_first(warm: Launcher, cold: Launcher) -> None:
    done = replace(cold, environment={"RUNNER_TEMP": str(warm.cache)}).run("validate-pins", "--help")
    assert done.returncode == 0, done.stderr
    assert not cold.folder.exists()


def test_the_cache_is_private(warm: Launcher) -> None:
    assert warm.folder.stat().st_mode & 0o777 == 0o700
    [environment] = warm.environments()
    assert environment.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("wrong", ["writable by the group", "readable by all", "a link", "a file", *(["someone else's"] if os.geteuid() == 0 else [])])
def test_a_cache_that_others_could_have_filled_is_refused(warm: Launcher, cold: Launcher, tmp_path: Path, wrong: str) -> None:
    [known] = warm.environments()
    planted = tmp_path / "elsewhere" / "pinwarden" if wrong == "a link" else cold.folder
    executable(planted / known.name / "bin" / "python", f"#!/bin/sh\ntouch '{tmp_path}/owned'\n")
    (planted / known.name / "complete").touch()
    planted.chmod(0o700)
    # Control: in a private folder, what is there is taken for an environment.
    assert replace(cold, cache=planted.parent).run("validate-pins").returncode == 0
    (tmp_path / "owned").unlink()
    match wrong:
        case "writable by the group":
            planted.chmod(0o770)
        case "readable by all":
            planted.chmod(0o755)
        case "a link":
            cold.cache.mkdir()
            cold.folder.symlink_to(planted)
        case "a file":
            shutil.rmtree(planted)
            planted.touch(0o700)
        case _:
            os.chown(planted, 65534, 65534)
    done = cold.run("validate-pins", "--help")
    assert_one_message(done, 2, f"{cold.folder} can't be made, or is not a private folder of yours", "XDG_CACHE_HOME")
    assert not (tmp_path / "owned").exists()


def test_a_cache_that_can_t_be_made(cold: Launcher, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = replace(cold, cache=tmp_path / "file" / "below").run("validate-pins", "--help")
    assert_one_message(done, 2, "can't be made", "XDG_CACHE_HOME")


def test_a_package_that_is_not_the_locked_one_is_refused(cold: Launcher, tmp_path: Path) -> None:
    scripts = copy_of_scripts(tmp_path)
    lock = scripts / "requirements.txt"
    text = lock.read_text()
    [entry] = re.findall(r"^pyyaml==(?:.*\\\n)*.*\n", text, re.MULTILINE)
    lock.write_text(text.replace(entry, re.sub(r"sha256:....", "sha256:0000", entry)))
    done = replace(cold, scripts=scripts).run("validate-pins", "--help")
    assert (done.returncode, done.stdout) == (3, "")
    assert "THESE PACKAGES DO NOT MATCH THE HASHES" in done.stderr
    assert "error: could not install the locked dependencies" in done.stderr
    assert "Traceback" not in done.stderr
    assert cold.environments() == []


def test_an_environment_that_was_not_finished_is_made_anew(warm: Launcher, cold: Launcher, registry: Path) -> None:
    [known] = warm.environments()
    half = cold.folder / known.name
    executable(half / "bin" / "python", "#!/bin/sh\nexit 42\n")
    cold.folder.chmod(0o700)
    done = cold.run(*arguments(registry))
    assert (done.returncode, done.stdout) == (1, warm.run(*arguments(registry)).stdout)
    assert cold.environments() == [half]
    assert (half / "complete").exists()


def test_exit_codes_and_arguments_pass_through(warm: Launcher, registry: Path) -> None:
    assert warm.run("validate-pins", "--no-such-option").returncode == 2
    assert warm.run("validate-pins", "--registry", registry, "--servers", "weather,no such 'server'").returncode == 2
    assert warm.run("validate-pins", "--registry", registry).returncode == 1
    (registry / "servers/weather/server.yaml").write_text("name: weather\ntype: poci\n")
    assert warm.run("validate-pins", "--registry", registry).returncode == 0
