"""Names of images, what registries store, and what was signed: read strictly, compared with the pin."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinwarden.image import MOST_PLATFORMS, BadImage, Child, Manifest, read_config, read_manifest
from pinwarden.image_check import Claim, Code, Reason, judge_claims, read_claims, refused
from pinwarden.image_reference import BadReference, Reference, is_loopback, is_public

PIN, OTHER = "a1" * 20, "b2" * 20
REVISION = "org.opencontainers.image.revision"
DIGEST, CHILD = "sha256:" + "1" * 64, "sha256:" + "2" * 64
INDEX, MANIFEST = "application/vnd.oci.image.index.v1+json", "application/vnd.oci.image.manifest.v1+json"


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("mcp/weather", "docker.io/mcp/weather"),
        ("busybox", "docker.io/library/busybox"),
        ("index.docker.io/mcp/x:1", "docker.io/mcp/x:1"),
        ("registry-1.docker.io/busybox", "docker.io/library/busybox"),
        ("ghcr.io/acme/x:v1.2", "ghcr.io/acme/x:v1.2"),
        ("GHCR.io/acme/x", "ghcr.io/acme/x"),
        ("localhost/x", "localhost/x"),
        ("127.0.0.1:5000/a/b_c/d--e", "127.0.0.1:5000/a/b_c/d--e"),
        ("[::1]:5000/x", "[::1]:5000/x"),
        (f"mcp/x:1@{DIGEST}", f"docker.io/mcp/x:1@{DIGEST}"),
    ],
)
def test_a_name(text: str, whole: str) -> None:
    assert str(Reference.parse(text)) == whole
    assert Reference.parse(whole) == Reference.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/",
        "UPPER/x",
        "a//b",
        "a/../b",
        "--help",
        "-x/y",
        "a b",
        "x:",
        "x@",
        "x@sha256:1",
        "x@sha512:" + "1" * 128,
        "http://a.b/c",
        "a.b/c?d",
        "a.b:x/c",
        "a@b.c/d",
        "a.b/c#d",
        "a.b/%2e%2e/c",
        "a\n.b/c",
        "x:1\n",
        "é.b/c",
        "a" * 256,
        "x:" + "t" * 129,
        "[::1/x",
        "a_b.c/d",
    ],
)
def test_no_name(text: str) -> None:
    with pytest.raises(BadReference):
        Reference.parse(text)


@given(st.text(alphabet="abA1.:/@-_[]#?% \n\\", max_size=40))
def test_what_is_taken_for_a_name_can_stand_in_an_address_and_a_command(text: str) -> None:
    try:
        found = Reference.parse(text)
    except BadReference:
        return
    assert str(found)[0] != "-"
    assert not set(str(found)) & set(" \n?#%\\")
    assert ".." not in found.repository
    assert Reference.parse(str(found)) == found


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "192.168.0.1", "169.254.169.254", "::1", "fe80::1%eth0", "fd00:ec2::254", "::ffff:169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1", "name"])  # fmt: skip
def test_an_address_that_is_not_of_the_internet(address: str) -> None:
    assert not is_public(address)


def test_addresses_of_the_internet_and_of_this_machine() -> None:
    assert is_public("140.82.121.4")
    assert is_public("2606:50c0:8000::64")
    assert [is_loopback(host) for host in ("localhost", "127.1.2.3", "::1", "localhost.example.com", "127.0.0.1.example.com")] == [
        True,
        True,
        True,
        False,
        False,
    ]


def index(*children: Any, **more: Any) -> bytes:
    return json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": list(children), **more}).encode()


def child(**more: Any) -> dict[str, Any]:
    return {"mediaType": MANIFEST, "digest": CHILD, "size": 1, "platform": {"os": "linux", "architecture": "arm64", "variant": "v8"}, **more}


ATTESTS = {"vnd.docker.reference.type": "attestation-manifest"}
NOWHERE = {"os": "unknown", "architecture": "unknown"}


def test_an_index() -> None:
    assert read_manifest(index(child(), child(platform=NOWHERE, annotations=ATTESTS), child(platform=NOWHERE), child(annotations=ATTESTS))) == (
        Child(CHILD, "linux/arm64/v8", attestation=False),
        Child(CHILD, "unknown/unknown", attestation=True),
        Child(CHILD, "unknown/unknown", attestation=False),
        Child(CHILD, "linux/arm64/v8", attestation=False),
    )


def test_a_manifest() -> None:
    body = json.dumps({"schemaVersion": 2, "mediaType": MANIFEST, "config": {"digest": DIGEST}, "layers": []}).encode()
    assert read_manifest(body) == Manifest(DIGEST)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"config": {"digest": "%s"}, "config": {"digest": "%s"}, "layers": []}' % (DIGEST.encode(), CHILD.encode()),
        json.dumps({"config": {"digest": DIGEST}, "Config": {"digest": CHILD}, "layers": []}).encode(),
        json.dumps({"CONFIG": {"digest": DIGEST}, "layers": []}).encode(),
        index(child(), config={"digest": DIGEST}),
        index(child(), layers=[]),
        index(child(), mediaType=MANIFEST),
        index(*[child()] * (MOST_PLATFORMS + 1)),
        index("text"),
        index(child(digest="sha256:1")),
        index(child(digest="../../x")),
        index(child(digest=None)),
        json.dumps({"schemaVersion": 1, "fsLayers": [], "history": []}).encode(),
        json.dumps({"manifests": {}, "mediaType": INDEX}).encode(),
    ],
)
def test_what_is_no_image(body: bytes) -> None:
    with pytest.raises(BadImage):
        read_manifest(body)


def config(value: Any, **more: Any) -> bytes:
    return json.dumps({"os": "linux", "architecture": "amd64", "config": value, **more}).encode()


@pytest.mark.parametrize(
    ("body", "revision"),
    [
        (config({"Labels": {REVISION: PIN, REVISION.upper(): OTHER}}), PIN),
        (config({"Labels": {REVISION: "\x1b[31m"}}), "\x1b[31m"),
        (config({"Labels": None}), None),
        (config(None), None),
        (config({}), None),
    ],
)
def test_a_label(body: bytes, revision: str | None) -> None:
    found = read_config(body, DIGEST)
    assert (found.revision, found.platform) == (revision, "linux/amd64")


@pytest.mark.parametrize(
    "body",
    [
        config({"Labels": {REVISION: 1}}),
        config({"Labels": [PIN]}),
        config("x"),
        # docker reads the last of these, whatever its case.
        config({"Labels": {REVISION: PIN}, "labels": {REVISION: OTHER}}),
        config({"Labels": {REVISION: PIN}}, Config={"Labels": {REVISION: OTHER}}),
        b'{"config": {"Labels": {"%s": "%s", "%s": "%s"}}}' % (REVISION.encode(), PIN.encode(), REVISION.encode(), OTHER.encode()),
    ],
)
def test_labels_that_two_clients_could_read_differently(body: bytes) -> None:
    with pytest.raises(BadImage):
        read_config(body, DIGEST)


def claim(**more: Any) -> dict[str, Any]:
    critical = {
        "identity": {"docker-reference": "index.docker.io/mcp/x"},
        "image": {"docker-manifest-digest": DIGEST},
        "type": "cosign container image signature",
    }
    return {"critical": critical, "optional": {REVISION: PIN, "Bundle": {"Payload": {}}}, **more}


def test_what_cosign_prints() -> None:
    assert read_claims(json.dumps([claim()]).encode()) == [Claim(DIGEST, "index.docker.io/mcp/x", PIN)]
    assert read_claims(json.dumps([claim(optional=None)]).encode()) == [Claim(DIGEST, "index.docker.io/mcp/x", None)]


@pytest.mark.parametrize(
    "printed",
    [b"", b"[]", b"{}", b"null", b"[null]", b"[[]]", b"ok", b"[" * 100_000, json.dumps([claim()] * 101).encode(), json.dumps([claim()]).encode() * 2]
    + [
        json.dumps([broken]).encode()
        for broken in (claim(critical=None), claim(critical={}), claim(optional=[]), claim(optional="x"), claim(optional={REVISION: [PIN]}), {})
    ]
    + [json.dumps([claim()]).replace("container image", "something").encode(), json.dumps([claim()]).replace(f'"{DIGEST}"', "7").encode()],
)
def test_what_cosign_never_prints(printed: bytes) -> None:
    told = read_claims(printed)
    assert isinstance(told, Reason)
    assert told.code is Code.SIGNATURE_UNREADABLE


IMAGE = Reference.parse(f"mcp/x@{DIGEST}")
NAME, ELSE = "index.docker.io/mcp/x", "index.docker.io/mcp/y"


@pytest.mark.parametrize(
    ("claims", "codes"),
    [
        ([(DIGEST, NAME, PIN)], []),
        ([(DIGEST, NAME, None), (DIGEST, NAME, PIN)], []),
        ([(DIGEST, NAME, PIN), (DIGEST, ELSE, PIN)], []),
        ([(CHILD, NAME, PIN)], [Code.SIGNED_OTHER_DIGEST]),
        ([(DIGEST, ELSE, PIN)], [Code.SIGNED_OTHER_NAME]),
        ([(DIGEST, NAME, None)], [Code.ANNOTATION_MISSING]),
        # The name of one and the revision of another make no claim.
        ([(DIGEST, NAME, None), (DIGEST, ELSE, PIN)], [Code.ANNOTATION_MISSING]),
        ([(DIGEST, NAME, OTHER)], [Code.ANNOTATION_MISMATCH]),
        ([(DIGEST, NAME, PIN), (DIGEST, NAME, OTHER)], [Code.ANNOTATION_MISMATCH]),
        ([(DIGEST, NAME, PIN), (DIGEST, ELSE, OTHER)], [Code.ANNOTATION_MISMATCH]),
        ([(DIGEST, ELSE, OTHER)], [Code.SIGNED_OTHER_NAME, Code.ANNOTATION_MISMATCH]),
        ([(DIGEST, "-x y", PIN)], [Code.SIGNED_OTHER_NAME]),
        ([(DIGEST, "index.docker.io/mcp/x:1", PIN)], []),
    ],
)
def test_what_was_signed(claims: list[tuple[str, str, str | None]], codes: list[Code]) -> None:
    assert [reason.code for reason in judge_claims(PIN, IMAGE, [Claim(*one) for one in claims])] == codes


@pytest.mark.parametrize(
    ("stderr", "code"),
    [
        ("Error: no signatures found\nerror during command execution: no signatures found\n", Code.NOT_SIGNED),
        ("WARNING: Skipping tlog verification\nError: no matching signatures: invalid signature when validating ASN.1 encoded signature\n", Code.WRONG_KEY),
        ("Error: no matching signatures: offline verification failed\n", Code.NOT_LOGGED),
        ("Error: no matching signatures: none of the expected identities matched what was in the certificate, got subjects [x]\n", Code.WRONG_IDENTITY),
        ("Error: getting Rekor public keys: updating local metadata: tuf: failed to download 13.root.json\n", Code.COSIGN_FAILED),
        ("Error: unknown flag: --offline\n", Code.SIGNATURE_REFUSED),
        ("", Code.SIGNATURE_REFUSED),
        ("Error: \x1b[31m::error::x\n::warning::y", Code.SIGNATURE_REFUSED),
    ],
)
def test_what_cosign_says_where_it_accepts_nothing(stderr: str, code: Code) -> None:
    reason = refused(stderr)
    assert reason.code is code
    assert reason.message.isprintable()
