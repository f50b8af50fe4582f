"""verify-image: whether a published image is what the registry pinned; its labels on every platform, and its signature."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from pinwarden import image_check, render
from pinwarden.adapters import actions_io, clock, command_line, cosign, published_image
from pinwarden.adapters.actions_io import Actions
from pinwarden.adapters.pinned_entry import pinned_entry
from pinwarden.adapters.registry_files import Registry
from pinwarden.errors import Misuse
from pinwarden.image_check import OUTSIDE
from pinwarden.image_reference import BadReference, Reference


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    command = command_line.parser(
        "verify-image",
        "Compare a published image with its pin: the revision label of every platform, and what cosign says was signed.",
        ["--registry . --server weather --key cosign.pub", "--registry . --server weather --image ghcr.io/acme/weather:1 --labels-only --format json"],
    )
    command.add_argument("--registry", type=Path, required=True, metavar="DIR", help="the registry's root folder, as of its default branch")
    command.add_argument("--server", required=True, metavar="NAME", help="the entry (name of its folder)")
    command.add_argument("--image", metavar="REF", help="the image to look at (default: the entry's)")
    command.add_argument("--key", type=Path, metavar="FILE", help="the public key of who signs (default: signature in the configuration)")
    command.add_argument("--labels-only", action="store_true", help="ask for no signature; then nothing says who wrote the labels")
    command.add_argument("--format", choices=["text", "json", "github"], default="text", help="how to print the result (default: text)")
    return command.parse_args(argv)


def reference(text: str, named: str) -> Reference:
    try:
        return Reference.parse(text)
    except BadReference as error:
        raise Misuse(f"{named}: {error}", "write [registry/]repository[:tag][@sha256:…]") from error


def main(argv: Sequence[str] | None = None) -> int:
    args, actions = parse(argv), Actions.from_environ()
    if actions.base_sha and not args.labels_only:
        raise Misuse("a pull request could bring its own key and identity", "run it from the default branch, by schedule or dispatch, or with --labels-only")
    registry = Registry(args.registry)
    config = registry.config()
    entry = pinned_entry(registry, config, args.server)
    if not (args.image or entry.image):
        raise Misuse(f"{entry.path}: it names no image", "name one with --image")
    image = reference(args.image or str(entry.image), "--image" if args.image else f"{entry.path}: image")
    verified = published_image.verify(image, str(entry.commit), None if args.labels_only else cosign.signer(args.key, registry.root, config.signing))
    outside = any(reason.code in OUTSIDE for reason in verified.reasons)
    if args.format == "json":
        print(render.as_json(verified.record() | {"checked": clock.now()}), end="")
    else:
        with actions_io.commands_stopped(actions.running):
            print(image_check.text(verified))
    if args.format == "github" and actions.running:
        for reason in verified.reasons:
            command_line.tell(f"{args.server}: {reason.code}: {reason.message}", "docs/verify-image.md says what to do about each")
        digest = f"{image.name}@{verified.digest}" if verified.digest else ""
        unknown = bool(verified.reasons) and all(reason.code in OUTSIDE for reason in verified.reasons)
        actions_io.set_outputs(ok="" if unknown else str(verified.ok).lower(), digest=verified.digest or "", image=digest if verified.ok else "")
    return command_line.OK if verified.ok else command_line.OUTSIDE if outside else command_line.FINDINGS


if __name__ == "__main__":
    sys.exit(command_line.run(main))
