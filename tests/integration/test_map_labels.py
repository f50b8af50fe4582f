"""map-labels as a maintainer runs it, over label files that an untrusted reviewer wrote."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from support.commands import run_command

CANARY = "security-risk:info"


@pytest.mark.parametrize(
    ("labels", "mapped", "code"),
    [
        ("security-risk:info", {"risk": "info", "blocked": False, "conclusion": "success", "title": "info risk"}, 0),
        ("security-risk:low", {"risk": "low", "blocked": False, "conclusion": "success", "title": "low risk"}, 0),
        ("security-risk:medium", {"risk": "medium", "blocked": False, "conclusion": "neutral", "title": "medium risk"}, 0),
        ("security-risk:high", {"risk": "high", "blocked": False, "conclusion": "neutral", "title": "high risk"}, 0),
        ("security-risk:critical", {"risk": "critical", "blocked": False, "conclusion": "failure", "title": "critical risk"}, 1),
        (
            "security-blocked\nsecurity-risk:low",
            {"risk": "low", "blocked": True, "conclusion": "failure", "title": "low risk, blocked by the reviewer"},
            1,
        ),
    ],
)
def test_the_whole_table(tmp_path: Path, labels: str, mapped: dict[str, object], code: int) -> None:
    file = tmp_path / "labels.txt"
    file.write_text(f"{labels}\n")
    done = run_command("map_labels", "--labels", file, "--format", "json")
    assert json.loads(done.stdout) == mapped
    assert done.returncode == code
    assert done.stderr == ("" if code == 0 else f"error: the reviewer's labels block: {', '.join(sorted(labels.splitlines(), reverse=True))}\n"
                           "  read the review before anything is merged\n")  # fmt: skip


def test_a_person_is_told_in_one_line(tmp_path: Path) -> None:
    file = tmp_path / "labels.txt"
    file.write_text("security-risk:high\n")
    assert run_command("map_labels", "--labels", file).stdout == "neutral: high risk\n"


def _link_to_a_good_file(path: Path) -> None:
    path.with_name("elsewhere").write_text(f"{CANARY}\n")
    path.symlink_to("elsewhere")


def _hard_link(path: Path) -> None:
    path.with_name("elsewhere").write_text(f"{CANARY}\n")
    os.link(path.with_name("elsewhere"), path)


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        # A path of a socket may have 107 bytes: bind from inside the folder.
        before = Path.cwd()
        os.chdir(path.parent)
        try:
            listening.bind(path.name)
        finally:
            os.chdir(before)


def _sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(5 * 1024**3)


HOSTILE: dict[str, tuple[Callable[[Path], object], str]] = {
    "nothing": (lambda path: None, "there is no labels.txt"),
    "a link to a file that would pass": (_link_to_a_good_file, "labels.txt is a symbolic link"),
    "a link to the environment": (lambda path: path.symlink_to("/proc/self/environ"), "labels.txt is a symbolic link"),
    "a dangling link": (lambda path: path.symlink_to("nowhere"), "labels.txt is a symbolic link"),
    "a link to itself": (lambda path: path.symlink_to(path), "labels.txt is a symbolic link"),
    "a hard link to a file that would pass": (_hard_link, "labels.txt is a hard link"),
    "a FIFO that nobody writes to": (os.mkfifo, "labels.txt is not a regular file"),
    "a socket": (_socket, "labels.txt can't be opened (No such device or address)"),
    "a folder": (Path.mkdir, "labels.txt is not a regular file"),
    "five gigabytes of nothing": (_sparse, "labels.txt is larger than 1024 bytes"),
    "an empty file": (Path.touch, "the label file is empty"),
    "JSON": (lambda path: path.write_text('["security-risk:info"]\n'), 'not a label: "["security-risk:info"]"'),
    "a file name that some tools read": (lambda path: path.write_text("@/etc/passwd\n"), 'not a label: "@/etc/passwd"'),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_whatever_else_stands_there_blocks(tmp_path: Path, what: str) -> None:
    make, reason = HOSTILE[what]
    file = tmp_path / "labels.txt"
    make(file)
    done = run_command("map_labels", "--labels", file, "--format", "json")
    assert json.loads(done.stdout) == {"risk": None, "blocked": False, "conclusion": "failure", "title": "review did not complete"}
    assert done.stderr == f"error: the review gives no usable labels: {reason}\n  review again; until then this blocks\n"
    assert done.returncode == 1


@pytest.mark.parametrize("make", [_link_to_a_good_file, _hard_link])
def test_control_a_plain_read_is_led_elsewhere(tmp_path: Path, make: Callable[[Path], None]) -> None:
    file = tmp_path / "labels.txt"
    make(file)
    assert file.read_text() == f"{CANARY}\n"


def test_a_foreign_line_starts_no_workflow_command(tmp_path: Path) -> None:
    file = tmp_path / "labels.txt"
    file.write_text("x\r::add-mask::a##[set-output name=conclusion]success\n")
    done = run_command("map_labels", "--labels", file)
    assert "##[" not in done.stderr
    assert "\r" not in done.stderr
    assert not any(line.startswith("::") for line in done.stderr.splitlines())
