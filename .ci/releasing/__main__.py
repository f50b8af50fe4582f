"""The steps of a release, one for each job of the workflow that releases. Started in the root of a checkout."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from packaging.version import Version

from pinwarden.adapters import actions_io, command_line
from pinwarden.adapters.github_calls import Calls
from pinwarden.errors import Misuse
from releasing import images, plan
from releasing.finishing import finish
from releasing.job import CHANGELOG, DIGESTS, IMAGES, Job, repository, told
from releasing.plan import Step


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


def check(version: Version, calls: type[Calls] = Calls) -> None:
    """Tell as the output `build` whether images must be built. Raises Misuse where the version can't be released."""
    with repository(calls, "run again later") as where:
        step = plan.next_step(version, Job.from_environ().commit, where.read(version))
    if step is Step.NONE:
        raise Misuse(f"{version} is released, and a release never changes", "choose a higher version")
    if step is Step.COMMIT:
        plan.section(CHANGELOG.read_text(), version)
    print(f"{version}: next is {step}")
    actions_io.set_outputs(build="true" if step is Step.COMMIT else "false")


def push(part: str, folder: Path) -> None:
    """Push and sign one part. Outputs are its name and digests; `<part>.json` in out/digests goes on to the job that verifies."""
    job = Job.from_environ()
    name = job.published()[part]
    digests = images.push(part, folder, name, job.run)
    reference = f"{name}@{digests['index']}"
    images.sign(reference)
    DIGESTS.mkdir(parents=True, exist_ok=True)
    (DIGESTS / f"{part}.json").write_text(json.dumps({part: reference}) + "\n")
    actions_io.set_outputs(name=name, **digests)


def verify(folder: Path) -> None:
    """Tell as the output `images` which image is which part's, after each was verified."""
    job = Job.from_environ()
    found: dict[str, str] = {}
    for file in sorted(folder.glob("*/*.json")):
        found |= told(file.read_bytes())
    references = plan.checked(found, job.published())
    for reference in references.values():
        images.verify(reference, job.signer)
    actions_io.set_outputs(images=json.dumps(references))


if __name__ == "__main__":
    sys.exit(command_line.run(main))
