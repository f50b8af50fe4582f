"""What a new entry's upstream is at the place that a URL names: refs, one commit's trees, and the few files that describe a server.

Three requests: the refs that the URL may mean; the trees of one commit, without files; those few files. Nothing else is fetched.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from pinwarden.adapters.bounded import Exceeded, bounded
from pinwarden.adapters.git_http import GitHttp, Limits, UpstreamFailed
from pinwarden.adapters.git_objects import BadPack, Objects
from pinwarden.adapters.git_upstreams import GitUpstreams
from pinwarden.detected import MOST_BYTES, Detected, Role, detected, is_dockerfile, role_of
from pinwarden.errors import Misuse, OutsideError
from pinwarden.git_protocol import NotOurRef
from pinwarden.new_entry import DOCKERFILE
from pinwarden.place import HEADS, TAGS, Place, prefixes, split
from pinwarden.shown import quoted, shown
from pinwarden.tree import Listed, Sort, normal, path_problem, read_folder
from pinwarden.upstream import Failure, Mirror, Question, Refs, Tip, full_names, read_at, tip_of
from pinwarden.verdict import Verdict, judge

LIMITS = Limits(answer_bytes=128 * 1024 * 1024)
"""The trees of one commit; those of Linux are 20 MB."""
_SECONDS = 60
_PARSING_SECONDS, _PARSING_BYTES = 20, 1024 * 1024 * 1024
_FOLLOWED = frozenset({Verdict.CURRENT, Verdict.MOVED, Verdict.UNCHANGED_DIRECTORY, Verdict.DIRECTORY_GONE})
"""What may be said of a pin that is not at the tip: the tracked ref leads to it."""


@dataclass(frozen=True, slots=True)
class Pinned:
    """What a URL came to. `branch` is what the entry is to say, None for the default branch; `notes` are sentences for a person."""

    project: str
    commit: str
    branch: str | None
    ref: str
    """The tracked ref in full."""
    path: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Folder:
    """The built directory, normal: empty for the root."""

    directory: str
    dockerfile: str | None
    """The one that the URL points at, else `Dockerfile`, else the only one: several are several images, and which one is meant is not ours to guess."""
    linked: tuple[str, ...]
    """What looks like a Dockerfile, and is a link."""
    found: Detected


@dataclass(frozen=True, slots=True)
class Reader:
    """One upstream's client."""

    http: GitHttp
    mirrors: Sequence[Mirror]

    def pinned(self, where: Place, branch: str | None) -> Pinned:
        """Resolve a place to a commit and the ref that is tracked: `branch`, else the branch that the URL names, else the default branch.

        Raises Misuse where upstream has no such thing or the tracked ref does not lead to the commit, UpstreamFailed, BadPack.
        """
        asked = sorted({*prefixes(where), *(full_names(branch) if branch else ())})
        refs = self.http.ls_refs(f"{read_at(where.project, self.mirrors)}.git", asked)
        if "HEAD" not in refs:
            raise Misuse(f"{where.project} is empty, or its default branch does not exist", "is it the right repository?")
        named, path = split(where, refs)
        default = refs["HEAD"].symref
        commit = where.commit or refs[named].commit
        follows = branch or (named.removeprefix(HEADS) if named.startswith(HEADS) and named != default else None)
        tip = _tip(where, commit, follows, refs)
        pinned = Pinned(where.project, commit, follows, tip.ref, path)
        if tip.commit != commit:
            pinned = replace(pinned, notes=(self._led_to(pinned),))
        return pinned

    def _led_to(self, pinned: Pinned) -> str:
        """Say how the tracked ref stands to a commit that is not its tip. Raises Misuse where it does not lead there: a fork's commit, say."""
        question = Question("new", pinned.project, pinned.commit, None, pinned.branch)
        ((_, answer),) = GitUpstreams(self.http, self.mirrors).survey([question])
        judged = judge(question, answer)
        if judged.verdict is Verdict.ERROR:
            raise UpstreamFailed(Failure.ERROR, judged.reason)
        if judged.verdict not in _FOLLOWED:
            reason = f"{quoted(pinned.ref)} does not lead to {pinned.commit}: it may be a fork's, or of another branch"
            raise Misuse(reason, "name a branch, or tag, that leads to it with --branch")
        return f"not the newest: {judged.reason}"

    @contextmanager
    def tree(self, pinned: Pinned) -> Iterator[Tree]:
        """Give the trees of the pinned commit, without files. Raises Misuse where upstream does not have it, UpstreamFailed, BadPack."""
        url = f"{read_at(pinned.project, self.mirrors)}.git"
        with Objects.temporary() as objects:
            try:
                with self.http.fetch(url, [pinned.commit], depth=1, keep="blob:none") as pack:
                    objects.add(pack, _SECONDS)
            except NotOurRef as error:
                raise Misuse(f"upstream does not have the commit {pinned.commit}", "is the URL that of this repository?") from error
            yield Tree(self.http, url, objects, pinned)


@dataclass(frozen=True, slots=True)
class Tree:
    """The pinned commit's trees, here."""

    http: GitHttp
    url: str
    objects: Objects
    pinned: Pinned

    def folder(self, directory: str | None) -> Folder:
        """Return the folder that is built: `directory`, else that of the URL's path. Raises Misuse."""
        inside, pointed = normal(self.pinned.path if directory is None else directory), None
        sort = self._at(inside).sort if inside else Sort.FOLDER
        if sort is Sort.FILE and directory is None:
            inside, _, pointed = inside.rpartition("/")
        elif sort is not Sort.FOLDER:
            raise Misuse(f"{quoted(inside)} is a {sort} at {self.pinned.commit[:12]}, and none can be built", "name a folder with --directory")
        names = self._list(inside)
        files = [name for name in names if is_dockerfile(name) and names[name].sort is Sort.FILE]
        linked = tuple(sorted(name for name in names if is_dockerfile(name) and names[name].sort is Sort.SYMLINK))
        usual = DOCKERFILE if DOCKERFILE in files else files[0] if len(files) == 1 else None
        return Folder(inside, pointed if pointed in files else usual, linked, self._detected(names, inside))

    def dockerfile_problem(self, folder: Folder, name: str) -> str | None:
        """Say why `name`, relative to the folder, is no file to build by; None where it is one."""
        if path_problem(name):
            return f"{quoted(name)} is not a path below the built directory"
        path = f"{folder.directory}/{name}" if folder.directory else name
        listed = self._named(path)
        if listed is None:
            return f"{quoted(path)} does not exist at {self.pinned.commit[:12]}"
        return None if listed.sort is Sort.FILE else f"{quoted(path)} is a {listed.sort}, not a file"

    def _at(self, path: str) -> Listed:
        found = None if path_problem(path) else self._named(path)
        if found is None:
            raise Misuse(f"{quoted(path)} does not exist at {self.pinned.commit[:12]}", "name a folder that does with --directory")
        return found

    def _named(self, path: str) -> Listed | None:
        # A name may look like one of git's patterns.
        listed = self.objects.run("--literal-pathspecs", "ls-tree", "-z", "--full-tree", self.pinned.commit, "--", path, seconds=_SECONDS)
        return read_folder(listed).get(path)

    def _list(self, directory: str) -> dict[str, Listed]:
        return read_folder(self.objects.run("ls-tree", "-z", "--full-tree", f"{self.pinned.commit}:{directory}", seconds=_SECONDS))

    def _detected(self, names: Mapping[str, Listed], directory: str) -> Detected:
        """Read what describes the server, the licence of the whole repository where the folder has none; nothing where that can't be had."""
        chosen = _chosen(names)
        if directory and Role.LICENCE not in chosen and (licence := _chosen(self._list("")).get(Role.LICENCE)):
            chosen[Role.LICENCE] = licence
        if not chosen:
            return Detected()
        wanted = sorted(set(chosen.values()))
        try:
            with self.http.fetch(self.url, wanted) as pack:
                self.objects.add(pack, _SECONDS)
            contents = {name: content[: MOST_BYTES + 1] for name, content in zip(wanted, self.objects.blobs(wanted, _SECONDS), strict=True)}
            files = {role: contents[name] for role, name in chosen.items()}
            return bounded(detected, files, seconds=_PARSING_SECONDS, memory_bytes=_PARSING_BYTES)
        except (UpstreamFailed, BadPack, NotOurRef, Exceeded):
            return Detected()


def _chosen(names: Mapping[str, Listed]) -> dict[Role, str]:
    """Return for each role the object of the first regular file that has it."""
    chosen: dict[Role, str] = {}
    for name in sorted(names):
        if (role := role_of(name)) and names[name].sort is Sort.FILE:
            chosen.setdefault(role, names[name].name)
    return chosen


def _tip(where: Place, commit: str, branch: str | None, refs: Refs) -> Tip:
    tip = tip_of(Question("new", where.project, commit, None, branch), refs)
    if branch and not tip.ref.startswith((HEADS, TAGS)):
        # Pull requests, merge requests, changes under review: whoever opened one can change it.
        raise Misuse(f"--branch: {quoted(tip.ref)} is neither a branch nor a tag", "name the branch that it is merged into")
    if tip.commit is None:
        raise Misuse(f"upstream has no branch or tag {quoted(branch or tip.ref)}", "write it as upstream does, upper and lower case too")
    return tip


@contextmanager
def outside(project: str) -> Iterator[None]:
    """Tell what an upstream did wrong as an OutsideError."""
    try:
        yield
    except UpstreamFailed as failed:
        if failed.failure is Failure.MOVED:
            raise Misuse(f"{project} moved to {failed.detail}", "check that the owner is the same, then give that URL") from failed
        what = "is gone or private" if failed.failure is Failure.GONE else "can't be read"
        raise OutsideError(f"{project} {what}: {failed.detail}", "is the address right, and may a stranger read it?") from failed
    except (BadPack, NotOurRef) as error:
        raise OutsideError(f"{project} can't be read: {shown(str(error))}", "run again") from error
