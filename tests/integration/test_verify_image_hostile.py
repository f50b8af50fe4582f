"""verify-image against a registry that lies: what it sends for, whom it sends to, what it gives; each with a control."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from pinwarden.adapters.oci import Limits, OciRegistry, RegistryFailed
from pinwarden.adapters.public_only import NotPublic, PublicOnly
from pinwarden.image_reference import Reference
from support.commands import run_command
from support.internet import Internet
from support.odd_registry import OddRegistry, Said
from support.registries import write_config, write_entry

PIN, OTHER = "a1" * 20, "b2" * 20
SECRET = "Zy8-not-for-strangers"


@pytest.fixture
def registry() -> Iterator[OddRegistry]:
    with OddRegistry() as running:
        yield running


class Case:
    """An entry whose image is in an odd registry, and a user with a password there."""

    def __init__(self, root: Path, registry: OddRegistry) -> None:
        self.root, self.registry = root, registry
        self.digest = registry.publish("mcp/x", "1", revision=PIN)
        self.config = registry.config_of("mcp/x", self.digest)
        self.docker = root / "docker"
        self.docker.mkdir()
        write_entry(root, "x", PIN)

    def log_in(self, host: str | None = None) -> None:
        auth = base64.b64encode(f"ada:{SECRET}".encode()).decode()
        (self.docker / "config.json").write_text(json.dumps({"auths": {host or self.registry.host: {"auth": auth}}}))

    def verify(self, *arguments: str, image: str | None = None, code: int = 1, **variables: str) -> dict[str, Any]:
        image = image or f"{self.registry.host}/mcp/x:1"
        given = {"DOCKER_CONFIG": str(self.docker), "no_proxy": "*", **variables}
        labels_only = arguments or ("--labels-only",)
        done = run_command("verify_image", "--registry", self.root, "--server=x", f"--image={image}", "--format=json", *labels_only, given=given)
        assert "Traceback" not in done.stderr
        assert SECRET not in done.stdout + done.stderr
        assert done.returncode == code, done.stdout + done.stderr
        document: dict[str, Any] = json.loads(done.stdout) if done.stdout else {}
        return document

    def told(self, code: int = 1) -> tuple[str, str]:
        [reason] = self.verify(code=code)["reasons"]
        return reason["reason"], reason["message"]

    @property
    def paths(self) -> list[str]:
        return [asked.path for asked in self.registry.asked]


@pytest.fixture
def case(tmp_path: Path, registry: OddRegistry) -> Case:
    return Case(tmp_path, registry)


def test_an_honest_one(case: Case) -> None:
    assert case.verify(code=0)["platforms"] == [{"platform": "linux/amd64", "digest": case.digest, "revision": PIN}]
    assert [(asked.method, asked.path) for asked in case.registry.asked] == [
        ("HEAD", "/v2/mcp/x/manifests/1"),
        ("GET", f"/v2/mcp/x/manifests/{case.digest}"),
        ("GET", case.config),
    ]


class TestContent:
    def test_other_bytes_than_the_digest_s(self, case: Case) -> None:
        body = json.dumps({"os": "linux", "architecture": "amd64", "config": {"Labels": {"org.opencontainers.image.revision": PIN}}, "more": 1}).encode()
        for path in (case.config, f"/v2/mcp/x/manifests/{case.digest}"):
            case.registry.behave(path, Said(200, {}, body))
            code, message = case.told()
            assert (code, "other bytes than those of sha256:" in message) == ("image-unreadable", True)

    @pytest.mark.parametrize("headers", [{}, {"Content-Encoding": "gzip"}])
    def test_a_body_without_an_end(self, case: Case, headers: dict[str, str]) -> None:
        import gzip

        piece = gzip.compress(b" " * 60_000_000) if headers else b" " * 65536
        case.registry.behave(case.config, Said(200, headers, piece, endless=True))
        code, message = case.told()
        assert (code, "larger than the limit" in message) == ("image-unreadable", True)

    def test_a_body_that_is_cut_off(self, case: Case) -> None:
        case.registry.behave(case.config, Said(200, {"Content-Length": "1000"}, b"{"))
        assert case.told(code=3)[0] == "registry-failed"

    def test_no_digest_for_a_tag(self, case: Case) -> None:
        for headers in ({}, {"Docker-Content-Digest": "sha256:../../x"}):
            case.registry.behave("/v2/mcp/x/manifests/1", Said(200, headers))
            assert case.told(code=3)[0] == "registry-failed"

    def test_a_tag_that_moves_while_it_is_looked_at(self, case: Case) -> None:
        other = case.registry.publish("mcp/x", "2", revision=OTHER)
        assert case.verify(image=f"{case.registry.host}/mcp/x:2")["reasons"][0]["reason"] == "label-mismatch"
        # Whatever GET of the tag would give now, the digest of the HEAD is what is read.
        case.registry.behave("/v2/mcp/x/manifests/1", Said(200, {"Docker-Content-Digest": other}))
        assert case.verify()["digest"] == other

    def test_an_index_within_an_index(self, case: Case) -> None:
        listed = {"schemaVersion": 2, "manifests": [{"digest": case.digest, "size": 1, "platform": {"os": "linux", "architecture": "amd64"}}]}
        inner = case.registry.put("mcp/x", "manifests", json.dumps(listed).encode())
        listed["manifests"] = [{"digest": inner, "size": 1}]
        outer = case.registry.put("mcp/x", "manifests", json.dumps(listed).encode())
        assert case.verify(image=f"{case.registry.host}/mcp/x@{inner}", code=0)["ok"]
        [reason] = case.verify(image=f"{case.registry.host}/mcp/x@{outer}")["reasons"]
        assert (reason["reason"], reason["message"]) == ("image-unreadable", "its index lists another index")

    def test_a_label_that_would_move_a_cursor_or_start_a_command(self, case: Case) -> None:
        case.registry.publish("mcp/x", "1", revision="\x1b[2J\n::error::x\n##[error]y")
        done = run_command("verify_image", "--registry", case.root, "--server=x", f"--image={case.registry.host}/mcp/x:1", "--labels-only")
        assert done.returncode == 1
        assert done.stdout.isascii()
        assert not any(line.startswith("::") or "##[" in line or "\x1b" in line for line in done.stdout.splitlines())


class TestToken:
    def test_of_the_registry_s_own(self, case: Case) -> None:
        case.registry.token = "t0ken"
        assert case.verify(code=0)["ok"]
        [asked] = [asked for asked in case.registry.asked if asked.path == "/token"]
        assert asked.query == "service=odd&scope=repository%3Amcp%2Fx%3Apull"
        assert "authorization" not in asked.headers
        # One question was refused, the others came with the token.
        assert len(case.registry.asked) == 5

    def test_with_a_password(self, case: Case) -> None:
        case.registry.token = "t0ken"
        case.log_in()
        assert case.verify(code=0)["ok"]
        [asked] = [asked for asked in case.registry.asked if asked.path == "/token"]
        assert asked.headers["authorization"] == "Basic " + base64.b64encode(f"ada:{SECRET}".encode()).decode()

    def test_with_a_password_from_the_environment(self, case: Case) -> None:
        case.registry.token = base64.b64encode(f"ada:{SECRET}".encode()).decode()
        case.registry.challenge = 'Basic realm="odd"'
        assert case.verify(code=3)["reasons"][0]["reason"] == "registry-failed"
        assert case.verify(code=0, DOCKER_AUTH_CONFIG=json.dumps({"auths": {f"https://{case.registry.host}/v1/": {"username": "ada", "password": SECRET}}}))[
            "ok"
        ]

    def test_with_another_registry_s_password(self, case: Case) -> None:
        case.registry.token = "t0ken"
        case.log_in("https://index.docker.io/v1/")
        assert case.verify(code=0)["ok"]
        assert not any(asked.headers.get("authorization", "").startswith("Basic") for asked in case.registry.asked)

    @pytest.mark.parametrize(
        "realm",
        [
            "http://169.254.169.254/latest/meta-data/",
            "https://169.254.169.254/",
            "https://evil.example/token",
            "http://localhost:{port}/token",
            "file:///etc/passwd",
            "http://ada@127.0.0.1:{port}/token",
            "http://127.0.0.1:{port}/token?a=b",
            "//127.0.0.1:{port}/token",
            "http://127.0.0.1:{port}\\@evil.example/",
            "",
            "https://127.0.0.1:{port}/token",
            "http://127.0.0.1:99999/token",
            "http://[::1/token",
        ],
    )
    def test_from_somebody_else(self, case: Case, realm: str) -> None:
        case.registry.token = "t0ken"
        case.registry.challenge = f'Bearer realm="{realm.format(port=case.registry.host.partition(":")[2])}",service="odd"'
        case.log_in()
        code, message = case.told(code=3)
        assert (code, "nothing was asked there" in message) == ("registry-failed", True)
        assert case.paths == ["/v2/mcp/x/manifests/1"]

    @pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"token": 1}', b'{"token": "a\\r\\nX-Evil: b"}', b'{"token": "a b"}', b"[" * 90_000])
    def test_that_is_none(self, case: Case, body: bytes) -> None:
        case.registry.token = "t0ken"
        case.registry.behave("/token", Said(200, {}, body))
        assert case.told(code=3)[0] == "registry-failed"

    def test_without_an_end(self, case: Case) -> None:
        case.registry.token = "t0ken"
        case.registry.behave("/token", Said(200, {}, b" " * 65536, endless=True))
        assert "larger than the limit" in case.told()[1]

    def test_that_is_refused_is_asked_for_once(self, case: Case) -> None:
        case.registry.token = "t0ken"
        case.registry.behave("/token", Said(200, {}, b'{"token": "other"}'))
        assert case.told(code=3)[0] == "registry-failed"
        assert case.paths == ["/v2/mcp/x/manifests/1", "/token", "/v2/mcp/x/manifests/1"]


class TestRedirect:
    def test_of_a_blob_is_followed_without_a_credential(self, case: Case, registry: OddRegistry) -> None:
        case.registry.token = "t0ken"
        with OddRegistry() as store:
            body = json.dumps({"os": "linux", "architecture": "amd64", "config": {"Labels": {"org.opencontainers.image.revision": PIN}}}).encode()
            store.behave("/store", Said(200, {}, body))
            registry.behave(case.config, Said(307, {"Location": f"{store.url}/store"}))
            assert case.verify(code=0)["ok"]
            [asked] = store.asked
            assert "authorization" not in asked.headers
            # The digest holds there as well.
            store.behave("/store", Said(200, {}, body + b" "))
            assert case.told()[0] == "image-unreadable"

    def test_of_a_manifest_is_not_followed(self, case: Case) -> None:
        case.registry.behave("/v2/mcp/x/manifests/1", Said(307, {"Location": f"/v2/mcp/x/manifests/{case.digest}"}))
        assert "which is not followed" in case.told(code=3)[1]
        assert case.paths == ["/v2/mcp/x/manifests/1"]

    @pytest.mark.parametrize(
        "to",
        ["http://169.254.169.254/latest", "http://example.com/x", "file:///etc/passwd", "https://ada@example.com/x", "https://[::1", "http://127.0.0.1:0x50/"],
    )
    def test_elsewhere_is_not_followed(self, case: Case, to: str) -> None:
        case.registry.behave(case.config, Said(307, {"Location": to}))
        assert "which is not followed" in case.told(code=3)[1]

    def test_without_an_end(self, case: Case) -> None:
        case.registry.behave(case.config, Said(307, {"Location": case.config}))
        assert case.told(code=3)[0] == "registry-failed"
        assert case.paths.count(case.config) == 4


def test_a_registry_gets_no_more_time_than_an_image_may_take(registry: OddRegistry) -> None:
    registry.publish("mcp/x", "1", revision=PIN)
    image = Reference.parse(f"{registry.host}/mcp/x:1")
    with OciRegistry(image) as patient, OciRegistry(image, limits=Limits(image=-1)) as late:
        assert patient.resolve()
        with pytest.raises(RegistryFailed, match="takes longer than"):
            late.resolve()


def test_what_a_public_registry_points_to_is_on_the_internet() -> None:
    """The name decides nothing: what counts is the address that it led to."""
    with OddRegistry() as private, requests.Session() as session:
        private.behave("/", Said())
        port = private.host.partition(":")[2]
        for name in ("localhost", "127.0.0.1"):
            assert session.get(f"http://{name}:{port}/", timeout=5).status_code == 200
        session.mount("http://", PublicOnly())
        session.mount("https://", PublicOnly())
        seen = len(private.asked)
        for url in (f"http://localhost:{port}/", f"https://localhost:{port}/", f"http://127.0.0.1:{port}/"):
            with pytest.raises(NotPublic, match="no address of the internet"):
                session.get(url, timeout=5)
        assert len(private.asked) == seen


class TestPublicRegistries:
    """Docker Hub and GHCR by their own names, over encrypted connections."""

    @pytest.mark.parametrize(
        "public", [("mcp/x:1", "registry-1.docker.io", "https://index.docker.io/v1/", "auth.docker.io"), ("ghcr.io/mcp/x:1", *["ghcr.io"] * 3)]
    )
    @pytest.mark.parametrize("known", [True, False])
    def test_with_and_without_a_password(self, case: Case, public: tuple[str, str, str, str], known: bool) -> None:
        image, host, login, token = public
        case.registry.token = "t0ken"
        case.registry.challenge = f'Bearer realm="https://{token}/token",service="odd",scope="repository:mcp/x:pull,push"'
        if known:
            case.log_in(login)
        with OddRegistry() as store, Internet(case.root, {host: case.registry, token: case.registry, "cdn.example.com": store}) as internet:
            body = json.dumps({"os": "linux", "architecture": "amd64", "config": {"Labels": {"org.opencontainers.image.revision": PIN}}}).encode()
            store.behave("/store", Said(200, {}, body))
            case.registry.behave(case.config, Said(307, {"Location": "https://cdn.example.com/store"}))
            assert case.verify(image=image, code=0, **internet.variables)["digest"] == case.digest
            assert sorted(set(internet.asked)) == sorted({host, token, "cdn.example.com"})
            [asked] = [asked for asked in case.registry.asked if asked.path == "/token"]
            assert asked.query.endswith("scope=repository%3Amcp%2Fx%3Apull")
            assert ("authorization" in asked.headers) == known
            assert "authorization" not in store.asked[0].headers

    @pytest.mark.parametrize(
        "realm", ["https://auth.docker.io/token", "https://ghcr.io.example.com/token", "http://ghcr.io/token", "https://169.254.169.254/token"]
    )
    def test_that_send_for_their_token_to_somebody_else(self, case: Case, realm: str) -> None:
        case.registry.token = "t0ken"
        case.registry.challenge = f'Bearer realm="{realm}",service="odd"'
        with Internet(case.root, {"ghcr.io": case.registry}) as internet:
            [reason] = case.verify(image="ghcr.io/mcp/x:1", code=3, **internet.variables)["reasons"]
            assert "nothing was asked there" in reason["message"]
            assert internet.asked == ["ghcr.io"]

    @pytest.mark.parametrize(
        "to",
        [
            "http://cdn.example.com/x",
            "https://127.0.0.1/x",
            "https://localhost/x",
            "https://10.0.0.1/x",
            "https://169.254.169.254/x",
            "https://[fd00::1]/x",
            "https://2130706433/x",
            "https://0x7f.1/x",
        ],
    )
    def test_that_redirect_into_a_private_network(self, case: Case, to: str) -> None:
        case.registry.behave(case.config, Said(307, {"Location": to}))
        with Internet(case.root, {"ghcr.io": case.registry}) as internet:
            [reason] = case.verify(image="ghcr.io/mcp/x:1", code=3, **internet.variables)["reasons"]
            assert "which is not followed" in reason["message"]
            assert set(internet.asked) == {"ghcr.io"}


class TestCosign:
    """Programs in the place of cosign: what they print is believed no more than what a registry says."""

    def stand_in(self, case: Case, script: str) -> str:
        program = case.root / "bin" / "cosign"
        program.parent.mkdir()
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        return f"{program.parent}:{os.environ['PATH']}"

    def key(self, case: Case) -> str:
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import ec

        public = ec.generate_private_key(ec.SECP256R1()).public_key()
        file = case.root / "cosign.pub"
        file.write_bytes(public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo))
        return f"--key={file}"

    @pytest.mark.parametrize("script", ["exit 0", "echo '[]'", "echo '[{}]'", "echo ok", "yes '[' | head -c 3000000"])
    def test_that_ends_well_but_says_nothing_proves_nothing(self, case: Case, script: str) -> None:
        document = case.verify(self.key(case), PATH=self.stand_in(case, script))
        assert [reason["reason"] for reason in document["reasons"]] == ["signature-unreadable"]

    def test_is_given_a_digest_and_little_else(self, case: Case) -> None:
        path = self.stand_in(
            case, f'printf "%s\\n" "$@" > {case.root}/arguments; env > {case.root}/environment; echo "Error: no signatures found" >&2; exit 10'
        )
        case.log_in()
        document = case.verify(
            self.key(case), PATH=path, GITHUB_TOKEN=SECRET, COSIGN_EXPERIMENTAL="1", COSIGN_PASSWORD=SECRET, COSIGN_REPOSITORY="mcp/signatures"
        )
        assert [reason["reason"] for reason in document["reasons"]] == ["not-signed"]
        arguments = (case.root / "arguments").read_text().splitlines()
        assert arguments[0] == "verify"
        assert arguments[-1] == f"{case.registry.host}/mcp/x@{case.digest}"
        assert "--insecure-ignore-tlog=true" not in arguments
        environment = (case.root / "environment").read_text()
        assert SECRET not in environment + "".join(arguments)
        assert "COSIGN_EXPERIMENTAL" not in environment
        assert "COSIGN_REPOSITORY=mcp/signatures\n" in environment

    def test_is_not_started_for_an_image_that_could_not_be_read(self, case: Case) -> None:
        path = self.stand_in(case, f"touch {case.root}/started")
        case.registry.behave(case.config, Said(500))
        case.registry.behave("/v2/mcp/x/manifests/1", Said(403))
        assert case.verify(self.key(case), PATH=path, code=3)["reasons"][0]["reason"] == "registry-failed"
        assert not (case.root / "started").exists()


class TestMisuse:
    @pytest.mark.parametrize(
        ("arguments", "says"),
        [
            (["--server=x"], "nobody is named who must have signed"),
            (["--server=x", "--key=/nowhere"], "No such file"),
            (["--server=x", "--key=https://example.com/cosign.pub"], "an address of one is not taken"),
            (["--server=x", "--key=servers/x/server.yaml"], "is not one public key"),
            (["--server=y", "--labels-only"], "no entry for"),
            (["--server=x,y", "--labels-only"], "is not the name of one entry"),
            (["--server=x", "--labels-only", "--image=--help"], "is not the name of an image"),
        ],
    )
    def test_is_told(self, case: Case, arguments: list[str], says: str) -> None:
        done = run_command("verify_image", "--registry=.", *arguments, cwd=case.root)
        assert (done.returncode, says in done.stderr) == (2, True), done.stderr

    def test_a_pull_request_can_not_bring_its_own_key(self, case: Case) -> None:
        event = case.root / "event.json"
        event.write_text(json.dumps({"pull_request": {"base": {"sha": "0" * 40}}}))
        workflow = {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "pull_request", "GITHUB_EVENT_PATH": str(event)}
        image = f"--image={case.registry.host}/mcp/x:1"
        done = run_command("verify_image", "--registry", case.root, "--server=x", image, TestCosign().key(case), given=workflow)
        assert (done.returncode, "its own key" in done.stderr) == (2, True)
        assert run_command("verify_image", "--registry", case.root, "--server=x", image, "--labels-only", given=workflow).returncode == 0

    def test_docker_s_configuration_that_is_none_is_told_without_its_content(self, case: Case) -> None:
        for text in (SECRET, json.dumps({"auths": {case.registry.host: {"auth": SECRET}}}), json.dumps({"auths": [SECRET]})):
            (case.docker / "config.json").write_text(text)
            assert case.verify(code=2) == {}

    def test_the_configuration_names_a_key_or_an_identity(self, case: Case) -> None:
        for wrong in (
            "{identity: a@b.c}",
            "{key: ../x}",
            "{key: /etc/x}",
            "{key: k, identity: a@b.c, issuer: 'https://i'}",
            "{identity: 'a b', issuer: 'https://i'}",
        ):
            write_config(case.root, f"signature: {wrong}\n")
            assert case.verify(code=2) == {}
