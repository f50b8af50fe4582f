"""The steps of a release, one for each job of the workflow that releases. Started in the root of a checkout."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from packaging.version import Version

from pinwarden.adapters import actions_io, command_line
from pinwarden.adapters.actions_io import Access, GitHub, Run
from pinwarden.adapters.github_calls import Calls, Limited, Refused, Unclear
from pinwarden.errors import Misuse, OutsideError
from releasing import images, plan
from releasing.plan import Step
from releasing.repository import ReleaseRepository

IMAGES, CHANGELOG, DIGESTS = Path(plan.IMAGES), Path(plan.CHANGELOG), Path("out/digests")
_TRIES = 8
_AGAIN = "run the workflow again with the same version: it goes on from what is there"


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    command = argparse.ArgumentParser(prog=".ci/release", description="One step of a release; docs/releasing.md tells of all.", allow_abbrev=False)
    steps = command.add_subparsers(dest="step", required=True, metavar="STEP")
    for name, purpose in (("check", "say whether a version can be released, and whether images must be built"), ("finish", "make commit, tags and release")):
        steps.add_parser(name, help=purpose, description=purpose).add_argument("version", help="three numbers, such as 1.4.0")
    packing = steps.add_parser("pack", help="write the engine's image of a part into a folder")
    pushing = steps.add_parser("push", help="push the packed images of a part for all platforms, and sign their index")
    for one in (packing, pushing):
        one.add_argument("part", choices=plan.PARTS)
    packing.add_argument("platform", choices=plan.PLATFORMS)
    for one, about in ((packing, "where to"), (pushing, "where <part>-<platform>/image.tar are")):
        one.add_argument("folder", type=Path, help=about)
    verifying = steps.add_parser("verify", help="verify every image that was pushed, and say which they are")
    verifying.add_argument("folder", type=Path, help="where digest-<part>/<part>.json are")
    return command.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    args = parse(argv)
    match args.step:
        case "check":
            check(plan.version_of(args.version))
        case "pack":
            images.pack(args.part, plan.local_names(IMAGES.read_text())[args.part], args.platform, args.folder)
        case "push":
            push(args.part, args.folder)
        case "verify":
            verify(args.folder)
        case _:
            finish(plan.version_of(args.version))
    return command_line.OK


def access() -> Access:
    found = Access.from_environ()
    if found is None:
        raise Misuse("a release is made in a repository on GitHub", "set GITHUB_REPOSITORY and GITHUB_TOKEN, as the workflow does")
    return found


def commit() -> str:
    """Return the commit that this run is about."""
    return os.environ.get("GITHUB_SHA", "")


def published() -> dict[str, str]:
    """Return the name of each part's image in the owner's packages."""
    owner = os.environ["GITHUB_REPOSITORY"].partition("/")[0]
    return {part: plan.published_name(os.environ["REGISTRY"], owner, name) for part, name in plan.local_names(IMAGES.read_text()).items()}


def check(version: Version, calls_of: Callable[[str, str], Calls] = Calls) -> None:
    """Tell as the output `build` whether images must be built. Raises Misuse where the version can't be released."""
    where = access()
    calls = calls_of(where.api_url, where.token)
    try:
        step = plan.next_step(version, commit(), ReleaseRepository(calls, where.repository).read(version))
    except (Unclear, Refused, Limited) as error:
        raise OutsideError(f"{where.repository}: {error}", "run again later") from error
    finally:
        calls.close()
    if step is Step.NONE:
        raise Misuse(f"{version} is released, and a release never changes", "choose a higher version")
    if step is Step.COMMIT:
        plan.section(CHANGELOG.read_text(), version)
    print(f"{version}: next is {step}")
    actions_io.set_outputs(build="true" if step is Step.COMMIT else "false")


def push(part: str, folder: Path) -> None:
    """Push and sign one part. Outputs are its name and digests; `<part>.json` in out/digests goes on to the job that verifies."""
    run, name = Run.from_environ(), published()[part]
    digests = images.push(part, folder, name, f"{run.id}-{run.attempt}")
    images.sign(f"{name}@{digests['index']}")
    DIGESTS.mkdir(parents=True, exist_ok=True)
    (DIGESTS / f"{part}.json").write_text(json.dumps({part: f"{name}@{digests['index']}"}) + "\n")
    actions_io.set_outputs(name=name, **digests)


def verify(folder: Path) -> None:
    """Tell as the output `images` which image is which part's, after each was verified."""
    told: dict[str, str] = {}
    for file in sorted(folder.glob("*/*.json")):
        told |= json.loads(file.read_bytes())
    references = plan.checked(told, published())
    signer = plan.identity(GitHub.from_environ().server_url, os.environ["GITHUB_REPOSITORY"], Run.from_environ().ref)
    for reference in references.values():
        images.verify(reference, signer)
    actions_io.set_outputs(images=json.dumps(references))


def finish(version: Version, calls_of: Callable[[str, str], Calls] = Calls) -> None:
    """Do what is left to do, reading anew before each step. Raises Misuse, OutsideError."""
    where = access()
    calls = calls_of(where.api_url, where.token)
    page = f"{GitHub.from_environ().server_url}/{where.repository}/blob/{plan.tag_of(version)}/docs/releasing.md#verify-a-release"
    try:
        released = _finished(version, ReleaseRepository(calls, where.repository), page)
    except (Unclear, Refused, Limited) as error:
        raise OutsideError(f"{where.repository}: {error}", _AGAIN) from error
    finally:
        calls.close()
    print(f"{plan.tag_of(version)} is {released}")
    actions_io.add_summary(f"Released. Pin `{where.repository}@{released} # {plan.tag_of(version)}`\n")


def _finished(version: Version, repository: ReleaseRepository, page: str) -> str:
    problem: Exception = Unclear("no answer")
    for _ in range(_TRIES):
        try:
            reading = repository.read(version)
            step = plan.next_step(version, commit(), reading)
            if step is Step.COMMIT:
                _commit(version, repository)
                continue
            assert reading.tagged is not None
            if step is Step.NONE:
                return reading.tagged.commit
            if step is Step.MAJOR:
                (repository.move if plan.major_of(version) in reading.tags else repository.tag)(plan.major_of(version), reading.tagged.commit)
            else:
                changelog, listed = repository.texts(reading.tagged.commit, plan.CHANGELOG, plan.IMAGES)
                body = plan.notes(plan.section(changelog, version), version, reading.tagged.commit, listed, page)
                repository.publish(plan.tag_of(version), reading.tagged.commit, body)
        except Unclear as error:
            # What is there decides, not what was answered.
            problem = error
        except Refused as error:
            if not error.again:
                raise
            problem = error
    raise problem


def _commit(version: Version, repository: ReleaseRepository) -> None:
    references = plan.checked(json.loads(os.environ.get("IMAGES") or "{}"), published())
    listed = plan.with_digests(IMAGES.read_text(), references)
    plan.section(CHANGELOG.read_text(), version)
    repository.tag(plan.tag_of(version), repository.commit(commit(), listed, plan.message(version, commit(), references)))


if __name__ == "__main__":
    sys.exit(command_line.run(main))
