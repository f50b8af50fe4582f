"""Writes an in-toto statement to `$SHARED_ATTESTATIONS/<number>.json`."""

from __future__ import annotations

import glob
import hashlib
import json
import os
import re
import sys
from pathlib import Path

MOST_SUBJECTS = 1024


def main() -> None:
    if os.environ["SUBJECT_DIGEST"]:
        _write({_named(os.environ["SUBJECT_DIGEST"], os.environ["SUBJECT_NAME"])})
        return
    wanted = [part.strip() for part in re.split(r"[,\n]", os.environ["SUBJECT_PATH"]) if part.strip()]
    if not wanted:
        sys.exit("::error::One of subject-path, subject-digest, or subject-checksums must be provided")
    files = [Path(match) for pattern in wanted for match in sorted(glob.glob(pattern, recursive=True)) if Path(match).is_file()]
    subjects = {(os.environ["SUBJECT_NAME"] or file.name, hashlib.sha256(file.read_bytes()).hexdigest()) for file in files}
    if not subjects:
        sys.exit(f"::error::Could not find subject at path {os.environ['SUBJECT_PATH']}")
    if len(subjects) > MOST_SUBJECTS:
        sys.exit(f"::error::Too many subjects specified ({len(subjects)}). The maximum number of subjects is {MOST_SUBJECTS}.")
    _write(subjects)


def _named(digest: str, name: str) -> tuple[str, str]:
    algorithm, _, value = digest.partition(":")
    if os.environ["SUBJECT_PATH"] or algorithm != "sha256" or not re.fullmatch("[0-9a-f]{64}", value) or not name:
        sys.exit("::error::subject-digest must be sha256:hex, with subject-name and without subject-path")
    # What is pushed goes to the registry in the name, so that must have one.
    assert os.environ["PUSHED"] == "true false", "only what our workflows ask for is modelled"
    if "/" not in name or "." not in name.partition("/")[0] or ":" in name.rpartition("/")[2]:
        sys.exit(f"::error::Invalid image name: {name}")
    return name, value


def _write(subjects: set[tuple[str, str]]) -> None:
    folder = Path(os.environ["SHARED_ATTESTATIONS"])
    folder.mkdir(parents=True, exist_ok=True)
    number = len(list(folder.iterdir())) + 1
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": name, "digest": {"sha256": digest}} for name, digest in sorted(subjects)],
        **_predicate(),
    }
    path = folder / f"{number}.json"
    path.write_text(json.dumps(statement, indent=2))
    address = f"{os.environ['GITHUB_SERVER_URL']}/{os.environ['GITHUB_REPOSITORY']}/attestations/{number}"
    with Path(os.environ["GITHUB_OUTPUT"]).open("a") as outputs:
        outputs.write(f"bundle-path={path}\nattestation-id={number}\nattestation-url={address}\n")


def _predicate() -> dict[str, object]:
    if os.environ["SBOM_PATH"]:
        listed = json.loads(Path(os.environ["SBOM_PATH"]).read_bytes())
        if "spdxVersion" not in listed or "SPDXID" not in listed:
            sys.exit("::error::Unsupported SBOM format")
        return {"predicateType": f"https://spdx.dev/Document/v{listed['spdxVersion'].removeprefix('SPDX-')}", "predicate": listed}
    kind, text, path = (os.environ[key] for key in ("PREDICATE_TYPE", "PREDICATE", "PREDICATE_PATH"))
    if not kind and not text and not path:
        return {"predicateType": "https://slsa.dev/provenance/v1", "predicate": {}}
    if not kind or bool(text) == bool(path):
        sys.exit("::error::predicate-type and one of predicate and predicate-path must be provided")
    return {"predicateType": kind, "predicate": json.loads(text or Path(path).read_text())}


main()
