"""Attacks that were reported in public. What the surface looks for has happened to somebody."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Precedent:
    """An attack as it is known, the year in which it was reported, and where to read of it."""

    name: str
    year: int
    source: str


TOOL_POISONING = Precedent("tool poisoning", 2025, "https://invariantlabs.ai/blog/mcp-security-notification-tool-poisoning-attacks")
RUG_PULL = Precedent("MCP rug pulls and shadowed tools", 2025, "https://invariantlabs.ai/blog/mcp-security-notification-tool-poisoning-attacks")
POSTMARK_MCP = Precedent("postmark-mcp, a blind copy of every mail", 2025, "https://www.koi.ai/blog/postmark-mcp-npm-malicious-backdoor-email-theft")
CODECOV = Precedent("Codecov's uploader, the environment sent to a bare address", 2021, "https://about.codecov.io/security-update/")
CTX = Precedent(
    "ctx, the environment sent to a host of the attacker's", 2022, "https://python-security.readthedocs.io/pypi-vuln/index-2022-05-24-ctx-domain-takeover.html"
)
NX = Precedent("Nx, s1ngularity: secrets gathered on developers' machines", 2025, "https://github.com/advisories/GHSA-cxm3-wv7p-598c")
ESLINT_SCOPE = Precedent("eslint-scope, .npmrc sent off at installation", 2018, "https://eslint.org/blog/2018/07/postmortem-for-malicious-package-publishes/")
UA_PARSER = Precedent("ua-parser-js, a shell script that downloads and runs", 2021, "https://github.com/advisories/GHSA-pjwm-rvh2-c87w")
EVENT_STREAM = Precedent("event-stream, a new dependency with code that decrypts itself", 2018, "https://github.com/dominictarr/event-stream/issues/116")
NULLIFAI = Precedent(
    "nullifAI, pickles broken so that a scanner gives up", 2025, "https://www.reversinglabs.com/blog/rl-identifies-malware-ml-model-hosted-on-hugging-face"
)
LITELLM = Precedent("LiteLLM, code that runs whenever Python starts", 2026, "https://github.com/BerriAI/litellm/issues/24512")
DEPENDENCY_CONFUSION = Precedent(
    "dependency confusion, its findings sent out as lookups of names", 2021, "https://medium.com/@alex.birsan/dependency-confusion-4a5d60fec610"
)
XZ = Precedent("xz, a back door inside binary test files", 2024, "https://www.openwall.com/lists/oss-security/2024/03/29/4")
TROJAN_SOURCE = Precedent("Trojan Source", 2021, "https://trojansource.codes/")
GLASSWORM = Precedent(
    "GlassWorm, code in characters that don't show",
    2025,
    "https://www.koi.ai/blog/glassworm-first-self-propagating-worm-using-invisible-code-hits-openvsx-marketplace",
)
TJ_ACTIONS = Precedent(
    "tj-actions/changed-files, tags moved to a foreign commit that hides where it fetches from", 2025, "https://github.com/advisories/GHSA-mrrh-fwg8-r2c3"
)
UNICORN = Precedent(
    "eslint-plugin-unicorn-ts-2, a prompt for AI scanners",
    2025,
    "https://www.koi.ai/blog/two-years-17k-downloads-the-npm-malware-that-tried-to-gaslight-security-scanners",
)
SKYNET = Precedent("Skynet, a prompt for AI that analyses malware", 2025, "https://research.checkpoint.com/2025/ai-evasion-prompt-injection/")
XZ_SANDBOX = Precedent("xz, a sandbox switched off by one character", 2024, "https://research.swtch.com/xz-timeline")
NUGET_DELAYS = Precedent(
    "nine NuGet packages that wait for years", 2025, "https://socket.dev/blog/9-malicious-nuget-packages-deliver-time-delayed-destructive-payloads"
)
CROSSENV = Precedent("crossenv, a name that lacks a hyphen", 2017, "https://blog.npmjs.org/post/163723642530/crossenv-malware-on-the-npm-registry")
LOCKFILES = Precedent("lockfile injection", 2019, "https://snyk.io/blog/why-npm-lockfiles-can-be-a-security-blindspot-for-injecting-malicious-modules/")
ULTRALYTICS = Precedent("Ultralytics, code that a build added", 2024, "https://github.com/ultralytics/ultralytics/issues/18027")
CONVERSATION = Precedent(
    "theft of conversations by a server's text", 2025, "https://blog.trailofbits.com/2025/04/23/how-mcp-servers-can-steal-your-conversation-history/"
)
