"""README's way to a working registry, taken word for word: look, adopt, set, ask the doctor; then a night and its reviews."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from support.act import ROOT, Act, Run
from support.commands import run_command
from support.github_twin.repositories import Pull
from support.github_twin.settings import Environment, required_checks
from support.github_twin.tokens import ACTIONS_APP
from support.github_twin.twin import GitHubTwin
from support.review_world import ReviewWorld

pytestmark = [pytest.mark.act, pytest.mark.engine]

COMMIT = "0123456789" * 4
ALL = "security-review"
PERMISSIONS = dict.fromkeys(("checks", "contents", "issues", "pull_requests"), "write")
READS = dict.fromkeys(("actions", "administration", "contents", "environments", "metadata", "organization_administration", "secrets", "variables"), "read")
SERVERS: dict[str, tuple[dict[str, str | bytes], dict[str, str | bytes]]] = {
    "mail": ({"server.py": "x = 1\n"}, {"server.py": "import base64\n\nexec(base64.b64decode('cHJpbnQoMSk='))\n"}),
    "weather": ({"server.py": "x = 1\n"}, {"server.py": "x = 2\n"}),
}


@dataclass
class Maintainer:
    """Somebody with a checkout, a terminal, and the settings of the registry on GitHub."""

    act: Act
    world: ReviewWorld
    folder: Path
    variables: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    runs: int = 0

    def types(self, command: str) -> subprocess.CompletedProcess[str]:
        """Run a line of README.md, with the registry's own address and folder in it."""
        assert f"$ scripts/run {command}" in (ROOT / "README.md").read_text().splitlines()
        name, *arguments = command.split()
        meant = {"~/registry": str(self.folder), "https://github.com/you/registry": "https://github.com/acme/registry", "you/registry": "acme/registry"}
        url = self.world.twin.url
        given = {"GITHUB_API_URL": url, "GITHUB_GRAPHQL_URL": f"{url}/graphql", "GITHUB_SERVER_URL": url, "PINWARDEN_MIRROR": f"https://github.com/={url}/"}
        given["GITHUB_TOKEN"] = self.world.twin.personal_token("ada", [self.world.registry], **READS)
        # The toolkit's checkout that the tests run in may have changes, and then it names no commit by itself.
        own = ("--toolkit", COMMIT) if name == "adopt" else ()
        return run_command(name, *(meant.get(each, each) for each in arguments), *own, given=given)

    def merges(self) -> None:
        """Bring what was written to the default branch."""
        listed = [path for path in self.folder.rglob("*") if path.is_file() and ".git" not in path.relative_to(self.folder).parts]
        self.world.twin.world.push(self.world.registry, "main", {str(path.relative_to(self.folder)): path.read_text() for path in listed})

    def sets(self) -> None:
        """Do what adopt says, for gate mode."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        twin, settings = self.world.twin, self.world.registry.settings
        app = twin.app("pinwarden-acme", PERMISSIONS, number=77, public_key=public)
        twin.world.organizations.add("acme")
        self.secrets = {"PINWARDEN_APP_KEY": key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()}
        self.variables = settings.variables = {"PINWARDEN_CLIENT_ID": app.client_id}
        settings.sha_pinning_required = True
        only_main = [("branch", "main")]
        settings.environments = {"pinwarden-review": Environment(only_main), "pinwarden-report": Environment(only_main, secrets=["PINWARDEN_APP_KEY"])}
        records = [("pinwarden-audits", {"type": "deletion"}), ("pinwarden-audits", {"type": "non_fast_forward"})]
        settings.rules = [("main", required_checks(("Pins", ACTIONS_APP), (ALL, app.id))), *records]
        self.world.registry.actions_may_create_pull_requests = False

    def starts(self, name: str, event: str, **payload: object) -> Run:
        """Run an adopted workflow, as the default branch has it."""
        self.runs += 1
        twin = self.world.twin
        workspace = self.act.scratch / f"run-{self.runs}"
        subprocess.run(["git", "clone", "--quiet", f"{twin.url}/acme/registry", str(workspace)], check=True, capture_output=True)
        env = {"GITHUB_API_URL": twin.url, "GITHUB_SERVER_URL": twin.url, "GITHUB_REPOSITORY": "acme/registry", "GITHUB_REF": "refs/heads/main"}
        env |= {"PINWARDEN_MIRROR": f"https://github.com/={twin.url}/", "DOCKER_CONFIG": os.environ.get("DOCKER_CONFIG", str(Path.home() / ".docker"))}
        env |= {"GITHUB_RUN_ID": str(100 + self.runs)} | {key: os.environ[key] for key in ("DOCKER_HOST",) if key in os.environ}
        about = {"ref": "refs/heads/main", "repository": {"full_name": "acme/registry", "default_branch": "main", "visibility": "public"}}
        token = twin.actions_token(self.world.registry, contents="write", pull_requests="write", checks="write", issues="write")
        file = f".github/workflows/{name}.yml"
        return self.act.run(workspace, file, event, about | payload, env=env, token=token, secrets=self.secrets, variables=self.variables)

    def reviews(self, pull: Pull) -> Run:
        """Run what GitHub starts where somebody, here the App, opens a pull request."""
        about = {"number": pull.number, "head": {"sha": self.world.head(pull), "ref": pull.head}, "base": {"ref": "main"}}
        return self.starts("review", "pull_request_target", action="opened", pull_request=about)


@pytest.fixture
def maintainer(act: Act, github_twin: GitHubTwin, tmp_path: Path) -> Maintainer:
    world = ReviewWorld(github_twin, SERVERS)
    subprocess.run(["git", "clone", "--quiet", f"{github_twin.url}/acme/registry", str(tmp_path / "registry")], check=True, capture_output=True)
    return Maintainer(act, world, tmp_path / "registry")


def test_from_nothing_to_a_night_that_is_reviewed(maintainer: Maintainer) -> None:
    world = maintainer.world
    looked = maintainer.types("audit https://github.com/you/registry")
    assert looked.returncode == 0, looked.stderr
    assert world.twin.writes == 0

    adopted = maintainer.types("adopt --registry ~/registry")
    assert adopted.returncode == 0, adopted.stderr
    again = maintainer.types("adopt --registry ~/registry")
    assert (again.returncode, again.stdout.count("already there")) == (0, 5)
    maintainer.merges()

    before = maintainer.types("doctor --repository you/registry")
    assert (before.returncode, "✘" in before.stdout) == (1, True), before.stdout
    maintainer.sets()
    after = maintainer.types("doctor --repository you/registry")
    assert (after.returncode, "✘" in after.stdout) == (0, False), after.stdout

    night = maintainer.starts("nightly", "schedule")
    assert night.succeeded, night.log
    pulls = {pull.head: pull for pull in world.registry.pulls.values()}
    assert sorted(pulls) == ["pinwarden/mail", "pinwarden/weather"]
    for pull in pulls.values():
        maintainer.reviews(pull)
    came_to = {branch: {name: check.conclusion for name, check in world.checks(world.head(pull), 77).items()} for branch, pull in pulls.items()}
    assert came_to == {
        "pinwarden/mail": {f"{ALL}/guarddog/mail": "failure", ALL: "failure"},
        "pinwarden/weather": {f"{ALL}/guarddog/weather": "success", ALL: "success"},
    }
    assert pulls["pinwarden/mail"].labels == ["security-risk:critical"]
    assert world.registry.git.branch("pinwarden-audits")
