"""What a maintainer sets on GitHub after adopt has written the files: in order, with the menu paths, for both modes."""

from __future__ import annotations

from collections.abc import Collection

from pinwarden import menu
from pinwarden.callers import OPTIONAL, TOOLKIT
from pinwarden.record import BRANCH
from pinwarden.status import CHECK


def guide(workflows: Collection[str]) -> str:
    """Return the steps. `workflows` are those that were written, by name."""
    permissions = ", ".join(menu.permission(name, level) for name, level in menu.APP_PERMISSIONS.items())
    return f"""\
Read what was written, and commit it. Set the following in this order; merge after step 3, since GitHub makes an environment that a
workflow names and that is not there, and makes it open to every branch:

1. {menu.GENERAL}
   Workflow permissions: Read repository contents and packages permissions.
   Actions permissions: Require actions to be pinned to a full-length commit SHA. Where only selected actions may run:
   those by GitHub, {TOOLKIT}@* and {TOOLKIT}/*.
   In advisory mode, and for new-server: Allow GitHub Actions to create and approve pull requests.
2. {menu.ENVIRONMENTS} → New environment: {menu.REVIEW}, and {menu.REPORT}
   In each, Deployment branches and tags → Selected branches and tags: the default branch, and nothing else.
   Keys go here, not into the repository's secrets: a branch, a fork or a run elsewhere never gets them.
3. For an AI reviewer: {menu.ENVIRONMENTS} → {menu.REVIEW} → Environment secrets: ANTHROPIC_API_KEY or OPENAI_API_KEY, and
   review.agents in .github/pinwarden.yml. Without, patterns and the surface are what reviews, with no key.
   For claude also its image, which is proprietary: --workflows build-claude, and what its summary says as the variable {menu.IMAGES}.
4. {menu.RULESETS} → New branch ruleset, active, for the default branch
   Require status checks to pass: Pins (source GitHub Actions) and {CHECK}.
   In advisory mode any workflow of the repository can imitate {CHECK}, and Pins waits on bumps until somebody approves their workflows.
   Both end with gate mode:
5. Gate mode: {menu.APPS} → New GitHub App, no webhook
   Repository permissions: {permissions}. Install it on the registry. Let it bypass no rule.
   {menu.ENVIRONMENTS} → {menu.REPORT} → Environment secrets: {menu.APP_KEY}, the App's private key.
   {menu.VARIABLES}: {menu.CLIENT_ID}, the App's client id.
   In the ruleset of step 4 choose the App as the source of {CHECK} (its integration id is the App ID).
6. {menu.RULESETS} → New branch ruleset, active, for {BRANCH}
   Restrict deletions, Block force pushes, and nothing else: a job writes the records there.

Optional workflows, with --workflows A,B:
{_optional(workflows)}
Then check all of it, with a token in GITHUB_TOKEN that reads the settings:
  scripts/run doctor --repository OWNER/REPO
"""


def _optional(workflows: Collection[str]) -> str:
    return "".join(f"  {name:12}  {purpose}\n" for name, purpose in OPTIONAL.items() if name not in workflows)
