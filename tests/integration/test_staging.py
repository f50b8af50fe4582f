"""Staging: what a reviewer is given of an upstream, over real git, and what a hostile one can't do to it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from pinwarden.adapters import git_http
from pinwarden.adapters.git_http import GitHttp
from pinwarden.adapters.staged_fetch import Access
from pinwarden.adapters.staged_files import Limits
from pinwarden.adapters.staging import Staged, stage
from pinwarden.target import Target
from pinwarden.tree import path_problem
from pinwarden.upstream import Mirror
from support.git_server import GitServer, Hang, Redirect, Status, Truncated
from support.upstreams import Commit, File, Upstream, build

NAME = "ada/weather"
PROJECT = f"https://github.com/{NAME}"
DEFAULT = Limits()
FAST = git_http.Limits(read=5, whole=10, tries=1)


@dataclass
class Stage:
    """A place to stage into, and the upstreams that are served for it."""

    folder: Path
    server: GitServer
    http: GitHttp
    ids: Mapping[str, Mapping[str, str]]

    def target(self, head: str = "head", base: str | None = "base", directory: str | None = None) -> Target:
        ids = self.ids[NAME]
        return Target("weather", PROJECT, ids[head], ids[base] if base else None, directory)

    def run(self, target: Target, limits: Limits = DEFAULT) -> Staged:
        return stage(target, self.folder, Access(self.http, [Mirror("https://github.com/", f"{self.server.url}/")]), limits)

    def git(self, *arguments: str) -> str:
        """Run git on the result as a reviewer would, where no network is allowed."""
        environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1", "GIT_ALLOW_PROTOCOL": "none"}
        command = ["git", "-C", str(self.folder / "in" / "repository"), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout

    def files(self, side: str = "repository") -> dict[str, bytes]:
        root = self.folder / "in" / side
        found = {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}
        return {path: content for path, content in found.items() if not path.startswith(".git/")}


Serve = Callable[..., Stage]


@pytest.fixture
def staged_from(tmp_path: Path) -> Iterator[Serve]:
    servers: list[GitServer | GitHttp] = []

    def serve(*upstreams: Upstream) -> Stage:
        ids = build(tmp_path / "upstreams", upstreams)
        server = GitServer(tmp_path / "upstreams").__enter__()
        http = GitHttp(FAST).__enter__()
        servers.extend((server, http))
        return Stage(tmp_path / "stage", server, http, ids)

    yield serve
    for opened in servers:
        opened.__exit__(None, None, None)


def simple(base: Mapping[str, Any], head: Mapping[str, Any], **more: Any) -> Upstream:
    commits = [Commit("older", {"old.txt": "old\n"}), Commit("base", base), Commit("head", head)]
    return Upstream(NAME, commits, branches={"main": "head"}, **more)


class TestDifferential:
    def test_both_sides_are_written_raw(self, staged_from: Serve) -> None:
        case = staged_from(simple({"a.py": "1\r\n", "gone.py": "x"}, {"a.py": "2\r\n", "gone.py": None, "run.sh": File("#!", "100755")}))
        staged = case.run(case.target())
        assert staged.reasons == []
        assert case.files("base") == {"old.txt": b"old\n", "a.py": b"1\r\n", "gone.py": b"x"}
        assert case.files() == {"old.txt": b"old\n", "a.py": b"2\r\n", "run.sh": b"#!"}
        assert not os.access(case.folder / "in/repository/run.sh", os.X_OK)
        assert sorted(staged.base) == ["a.py", "gone.py"]
        assert sorted(staged.head) == ["a.py", "run.sh"]

    def test_git_diff_and_log_work_without_a_network(self, staged_from: Serve) -> None:
        case = staged_from(simple({"a.py": "1\n"}, {"a.py": "2\n"}))
        case.run(case.target())
        assert "-1\n+2\n" in case.git("diff", "base", "head")
        assert case.git("log", "--format=%s", "base..head") == "head\n"
        assert case.git("log", "--format=%s", "-p").startswith("head\n")
        case.git("fsck", "--strict")
        assert len(list((case.folder / "in/repository/.git/objects/pack").glob("*.pack"))) == 1

    def test_merges_and_side_branches_older_than_the_pin_come_along(self, staged_from: Serve) -> None:
        commits = [
            Commit("root", {"a": "0"}),
            Commit("early", {"side": "1"}),
            Commit("base", {"a": "1"}, parents=("root",)),
            Commit("side", {"side": "2"}, parents=("early",)),
            Commit("head", {"a": "2", "side": "2"}, parents=("base", "side")),
        ]
        case = staged_from(Upstream(NAME, commits, branches={"main": "head"}))
        staged = case.run(case.target())
        assert (staged.reasons, staged.descends, staged.commits) == ([], True, 3)
        assert set(case.git("log", "--format=%s", "base..head").split()) == {"head", "side", "early"}
        case.git("log", "-p")
        case.git("fsck", "--strict")

    def test_a_head_that_does_not_descend_from_base_is_said(self, staged_from: Serve) -> None:
        commits = [Commit("root", {"a": "0"}), Commit("base", {"a": "1"}), Commit("head", {"a": "2"}, parents=("root",))]
        case = staged_from(Upstream(NAME, commits, branches={"main": "head", "old": "base"}))
        staged = case.run(case.target())
        assert (staged.reasons, staged.descends) == ([], False)
        assert "+2" in case.git("diff", "base", "head")

    def test_an_older_head_is_no_descendant(self, staged_from: Serve) -> None:
        case = staged_from(simple({"a": "1"}, {"a": "2"}))
        staged = case.run(case.target(head="base", base="head"))
        assert (staged.reasons, staged.descends) == ([], False)

    def test_a_long_history_is_cut_and_said(self, staged_from: Serve) -> None:
        commits = [Commit("base", {"a": "0"}), *(Commit(f"c{n}", {"a": str(n)}) for n in range(1, 6)), Commit("head", {"a": "end"})]
        case = staged_from(Upstream(NAME, commits, branches={"main": "head"}))
        staged = case.run(case.target(), Limits(commits=3))
        assert staged.reasons == []
        assert [item.reason for item in staged.not_read] == ["the history of 6 commits between base and head"]
        assert case.git("diff", "--stat", "base", "head")


class TestFull:
    def test_everything_at_head(self, staged_from: Serve) -> None:
        case = staged_from(simple({"a": "1"}, {"a": "2"}))
        staged = case.run(case.target(base=None))
        assert staged.reasons == []
        assert sorted(staged.head) == ["a", "old.txt"]
        assert staged.base == {}
        assert case.git("log", "--format=%s") == "head\n"


class TestNotReachable:
    def test_a_commit_that_no_branch_or_tag_leads_to(self, staged_from: Serve) -> None:
        case = staged_from(
            Upstream(
                NAME,
                [Commit("base", {"a": "1"}), Commit("tip", {"a": "2"}), Commit("head", {"a": "3"}, parents=("base",))],
                branches={"main": "tip"},
                pulls={7: "head"},
            )
        )
        staged = case.run(case.target())
        assert len(staged.reasons) == 1
        assert "no branch or tag" in staged.reasons[0]

    def test_control_with_a_branch_it_is_staged(self, staged_from: Serve) -> None:
        commits = [Commit("base", {"a": "1"}), Commit("tip", {"a": "2"}), Commit("head", {"a": "3"}, parents=("base",)), Commit("later", parents=("head",))]
        case = staged_from(Upstream(NAME, commits, branches={"main": "tip", "next": "later"}))
        assert case.run(case.target()).reasons == []

    @pytest.mark.parametrize("side", ["head", "base"])
    def test_a_commit_that_is_not_there(self, staged_from: Serve, side: str) -> None:
        case = staged_from(simple({"a": "1"}, {"a": "2"}))
        staged = case.run(replace(case.target(), **{side: "1" * 40}))
        assert len(staged.reasons) == 1
        assert "1" * 40 in staged.reasons[0]


class TestNothingTakesEffect:
    def test_attributes_hooks_and_settings_of_the_upstream(self, staged_from: Serve) -> None:
        attributes = "*.py filter=evil diff=evil export-subst ident -text\nhidden.py -diff\n"
        files = {".gitattributes": attributes, ".gitconfig": "[core]\n\tfsmonitor = touch pwned\n", ".lfsconfig": "[lfs]\n\turl = http://evil.example\n"}
        case = staged_from(simple(files | {"hidden.py": "$Id$ $Format:%H$\r\n"}, {"hidden.py": "$Id$ evil()\r\n"}))
        staged = case.run(case.target())
        assert staged.reasons == []
        assert case.files()["hidden.py"] == b"$Id$ evil()\r\n"
        assert "+$Id$ evil()" in case.git("diff", "base", "head")

    def test_control_the_attribute_would_hide_the_file(self, staged_from: Serve) -> None:
        case = staged_from(simple({".gitattributes": "hidden.py -diff\n", "hidden.py": "1\n"}, {"hidden.py": "evil()\n"}))
        case.run(case.target())
        (case.folder / "in/repository/.git/info/attributes").unlink()
        assert "evil()" not in case.git("diff", "base", "head")

    def test_links_are_text(self, staged_from: Serve) -> None:
        links = {"passwd": File("/etc/passwd", "120000"), "up": File("../../..", "120000"), "env": File("/proc/self/environ", "120000")}
        case = staged_from(simple({"a": "1"}, links))
        staged = case.run(case.target())
        assert staged.reasons == []
        assert {path: case.files()[path] for path in links} == {"passwd": b"/etc/passwd", "up": b"../../..", "env": b"/proc/self/environ"}
        assert not any((case.folder / "in/repository" / path).is_symlink() for path in links)
        assert staged.head["passwd"].kind == "symlink"


class TestOddPaths:
    def test_odd_names_are_files_like_others(self, staged_from: Serve) -> None:
        names = ["-rf", "line\nfeed", "$(touch pwned)", "a|b", "case", "CASE", "tab\there", '"quoted"', "ünïcode"]
        case = staged_from(simple({"a": "1"}, {f"src/{name}": name for name in names}))
        staged = case.run(case.target())
        assert staged.reasons == []
        assert {f"src/{name}" for name in names} < case.files().keys()

    @pytest.mark.parametrize(
        "path", [".git/config", "sub/.GIT/hooks/post-checkout", "git~1/config", ".git /x", ".git./x", ".g\u200cit/config", ".git::$INDEX/x"]
    )
    def test_what_reaches_into_git_is_left_out_and_blocks(self, path: str) -> None:
        assert path_problem(path) == "its path reaches into .git"

    def test_names_that_are_too_long_are_left_out_and_block(self, staged_from: Serve) -> None:
        case = staged_from(simple({"a": "1"}, {"n" * 300: "x", "/".join(["d"] * 150): "x"}))
        staged = case.run(case.target())
        assert len(staged.reasons) == 2
        assert case.files().keys() == {"a", "old.txt"}

    def test_a_tree_that_leaves_its_folder_does_not_arrive(self, staged_from: Serve, tmp_path: Path) -> None:
        """`git mktree` writes what fast-import refuses: a file named `..`, and one named .git."""
        case = staged_from(simple({"a": "1"}, {"a": "2"}))
        repository = tmp_path / "upstreams" / f"{NAME}.git"
        head = _commit_tree(repository, b"100644 blob %s\t.git\n100644 blob %s\t..\n100644 blob %s\tok\n")
        staged = case.run(replace(case.target(), head=head))
        assert len(staged.reasons) == 2 or "not acceptable to git" in staged.reasons[0]
        assert not (case.folder / "in" / "pwned").exists()
        assert (case.folder / "in/repository/.git/HEAD").is_file()


def _commit_tree(repository: Path, lines: bytes) -> str:
    def git(*arguments: str, stdin: bytes = b"") -> str:
        environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b"}  # fmt: skip
        return subprocess.run(["git", "-C", str(repository), *arguments], input=stdin, capture_output=True, check=True, env=environment).stdout.decode().strip()

    blob = git("hash-object", "-w", "--stdin", stdin=b"payload").encode()
    tree = git("mktree", stdin=lines.replace(b"%s", blob))
    commit = git("commit-tree", tree, "-p", "main", "-m", "odd")
    git("update-ref", "refs/heads/main", commit)
    return commit


class TestLimits:
    @pytest.mark.parametrize(
        ("files", "limits", "reason"),
        [
            pytest.param({"big.bin": b"\0" * 5000}, Limits(file_bytes=4000), "larger than 4000 bytes", id="a large file"),
            pytest.param({f"f{n}": "x" for n in range(9)}, Limits(files=5), "more files than 5", id="many files"),
            pytest.param({f"f{n}": "x" * 900 for n in range(9)}, Limits(side_bytes=5000), "all files together", id="many bytes"),
            pytest.param({"one.js": "x" * 3000}, Limits(line_bytes=2000), "a line longer than 2000 bytes", id="a long line"),
            pytest.param({"model.bin": "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"}, Limits(), "Git LFS", id="an LFS pointer"),
        ],
    )
    def test_what_is_over_a_limit_is_left_out_and_blocks(self, staged_from: Serve, files: Mapping[str, object], limits: Limits, reason: str) -> None:
        case = staged_from(simple({"a": "1"}, files))
        staged = case.run(case.target(), limits)
        assert staged.reasons
        assert all(reason in text for text in staged.reasons)
        assert any(item.changed for item in staged.not_read)

    def test_outside_the_built_directory_it_is_only_said(self, staged_from: Serve) -> None:
        case = staged_from(simple({"server/a": "1"}, {"server/a": "2", "assets/big.bin": b"\0" * 5000}))
        staged = case.run(case.target(directory="server"), Limits(file_bytes=4000))
        assert staged.reasons == []
        assert [item.path for item in staged.not_read] == ["assets/big.bin"]

    def test_unchanged_it_is_only_said(self, staged_from: Serve) -> None:
        case = staged_from(simple({"big.bin": b"\0" * 5000}, {"a": "2"}))
        staged = case.run(case.target(), Limits(file_bytes=4000))
        assert staged.reasons == []
        assert [(item.path, item.changed) for item in staged.not_read] == [("big.bin", False)]

    def test_the_built_directory_comes_first(self, staged_from: Serve) -> None:
        case = staged_from(simple({"a": "1"}, {**{f"aaa/{n}": "x" for n in range(9)}, "zzz/server.py": "2"}))
        staged = case.run(case.target(directory="zzz"), Limits(files=3))
        assert staged.reasons == []
        assert "zzz/server.py" in staged.head

    def test_a_directory_that_is_gone_blocks(self, staged_from: Serve) -> None:
        case = staged_from(simple({"server/a": "1"}, {"server": None}))
        assert "the built directory server is not there" in case.run(case.target(directory="server")).reasons[0]

    @pytest.mark.parametrize("link", ["server", "server/one"])
    def test_a_directory_that_became_a_link_blocks(self, staged_from: Serve, link: str) -> None:
        """A build follows the link to files that no reviewer of the directory was shown."""
        case = staged_from(simple({"server/one/a": "1", "other/one/a": "evil"}, {link: File("/".join([".."] * link.count("/") + ["other"]), "120000")}))
        assert "is no folder at head" in case.run(case.target(directory="server/one")).reasons[0]

    def test_time_is_bounded(self, staged_from: Serve) -> None:
        case = staged_from(simple({"a": "1"}, {"a": "2"}))
        assert case.run(case.target(), Limits(seconds=0)).reasons == ["staging took longer than its time"]

    @pytest.mark.parametrize("levels", [12])
    def test_a_tree_that_unfolds_without_end(self, staged_from: Serve, tmp_path: Path, levels: int) -> None:
        """Twelve trees of ten entries each name 10^12 files."""
        case = staged_from(simple({"a": "1"}, {"a": "2"}))
        repository = tmp_path / "upstreams" / f"{NAME}.git"
        head = _tree_bomb(repository, levels)
        staged = case.run(replace(case.target(), head=head), Limits(seconds=60))
        assert len(staged.reasons) == 1


def _tree_bomb(repository: Path, levels: int) -> str:
    def git(*arguments: str, stdin: bytes = b"") -> str:
        environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b"}  # fmt: skip
        return subprocess.run(["git", "-C", str(repository), *arguments], input=stdin, capture_output=True, check=True, env=environment).stdout.decode().strip()

    name, kind, mode = git("hash-object", "-w", "--stdin", stdin=b"x"), "blob", "100644"
    for _ in range(levels):
        name, kind, mode = git("mktree", stdin="".join(f"{mode} {kind} {name}\t{n}\n" for n in range(10)).encode()), "tree", "040000"
    commit = git("commit-tree", name, "-p", "main", "-m", "bomb")
    git("update-ref", "refs/heads/main", commit)
    return commit


LIBRARY = "ada/library"
SETTINGS = '[submodule "lib"]\n\tpath = lib\n\turl = {}\n'


class TestSubmodules:
    def with_submodule(self, staged_from: Serve, url: str, **more: object) -> Stage:
        library = Upstream(LIBRARY, [Commit("one", {"lib.py": "1\n"}), Commit("two", {"lib.py": "evil()\n"})], branches={"main": "two"})
        ids = build_ids(library)
        head = {"lib": File(ids["two"], "160000"), **more}
        return staged_from(simple({".gitmodules": SETTINGS.format(url), "lib": File(ids["one"], "160000")}, head), library)

    @pytest.mark.parametrize("url", [f"https://github.com/{LIBRARY}", f"https://github.com/{LIBRARY}.git", "../library", "../library.git", "./../library"])
    def test_its_files_are_staged_at_the_recorded_commits(self, staged_from: Serve, url: str) -> None:
        case = self.with_submodule(staged_from, url)
        staged = case.run(case.target())
        assert staged.reasons == []
        assert case.files()["lib/lib.py"] == b"evil()\n"
        assert case.files("base")["lib/lib.py"] == b"1\n"
        assert staged.head["lib/lib.py"].content == b"evil()\n"
        case.git("fsck")

    @pytest.mark.parametrize(
        "url",
        [
            "ext::sh -c touch% pwned",
            "file:///etc",
            "--upload-pack=touch pwned",
            "http://github.com/ada/library",
            "https://user:secret@github.com/ada/library",
            "https://evil.example/ada/library",
            "https://169.254.169.254/latest/meta",
            "git@github.com:ada/library.git",
            "ssh://git@github.com/ada/library",
            "https://github.com/ada/nowhere",
            "../../../../evil",
            "",
        ],
    )
    def test_another_address_is_not_asked_and_blocks(self, staged_from: Serve, url: str) -> None:
        case = self.with_submodule(staged_from, url)
        staged = case.run(case.target())
        assert len(staged.reasons) == 1
        assert '"lib": a submodule that was not staged' in staged.reasons[0]
        assert not any(request.repository == LIBRARY for request in case.server.requests)

    def test_control_the_same_change_outside_the_built_directory_is_only_said(self, staged_from: Serve) -> None:
        case = self.with_submodule(staged_from, "https://evil.example/a/b", **{"server/a.py": "1"})
        staged = case.run(case.target(directory="server"))
        assert staged.reasons == []
        assert [item.path for item in staged.not_read] == ["lib"]

    def test_a_directory_inside_a_submodule_blocks(self, staged_from: Serve) -> None:
        case = self.with_submodule(staged_from, "https://evil.example/a/b")
        assert case.run(case.target(directory="lib/server")).reasons

    def test_a_path_that_is_named_twice_blocks(self, staged_from: Serve) -> None:
        twice = SETTINGS.format(f"https://github.com/{LIBRARY}") + '[submodule "other"]\n\tpath = lib\n\turl = https://github.com/ada/weather\n'
        case = self.with_submodule(staged_from, "../library", **{".gitmodules": twice})
        assert "no address for it, or two" in case.run(case.target()).reasons[0]

    def test_too_many(self, staged_from: Serve) -> None:
        case = self.with_submodule(staged_from, "../library")
        assert "more submodules than 1" in case.run(case.target(), Limits(submodules=1)).reasons[0]


def build_ids(upstream: Upstream) -> Mapping[str, str]:
    """Return the commit ids that a description gives, on any machine."""
    import tempfile

    with tempfile.TemporaryDirectory() as scratch:
        return build(Path(scratch), [upstream])[upstream.name]


class TestMisbehavingServers:
    @pytest.mark.parametrize(
        ("behaviour", "reason"),
        [
            pytest.param(Status(500), "answered 500", id="500"),
            pytest.param(Status(404), "the repository is gone or private: 127.0.0.1 answered 404", id="404"),
            pytest.param(Redirect("https://github.com/eve/tool"), "answers with another address: https://github.com/eve/tool", id="moved"),
            pytest.param(Hang(), "no answer in time", id="hangs"),
            pytest.param(Truncated(40), "connection failed", id="cut off"),
        ],
    )
    def test_each_is_a_reason(self, staged_from: Serve, behaviour: Status | Hang | Redirect | Truncated, reason: str) -> None:
        case = staged_from(simple({"a": "1"}, {"a": "2"}))
        case.server.behave(NAME, behaviour, command="fetch")
        staged = case.run(case.target())
        assert len(staged.reasons) == 1
        assert reason in staged.reasons[0]
