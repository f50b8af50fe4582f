"""Codex. What each line is for: docs/agents.md."""

from __future__ import annotations

from pinwarden.reviewer import OPENAI, Reviewer

_CONFIG = """\
model_provider = "proxy"
web_search = "disabled"
check_for_update_on_startup = false
project_doc_max_bytes = 0            # an AGENTS.md of the repository is not told to the model
approval_policy = "never"
sandbox_mode = "danger-full-access"  # the container is the sandbox; Codex's own can't start in it

[model_providers.proxy]
name = "proxy"                       # the one that is built in adds a WebSocket and web search
base_url = "http://127.0.0.1:4000/v1"
env_key = "PINWARDEN_CLIENT_TOKEN"
wire_api = "responses"
supports_websockets = false
request_max_retries = 2
stream_max_retries = 2
stream_idle_timeout_ms = 240000

[shell_environment_policy]
inherit = "core"

[analytics]
enabled = false

[feedback]
enabled = false

[history]
persistence = "none"

[features]
plugins = false                      # with the next, three hosts at the start
remote_plugin = false
apps = false
multi_agent = false
goals = false
hooks = false
image_generation = false
skill_search = false
tool_suggest = false
shell_snapshot = false
unbounded_connection_retries = false # a refused connection would be tried for ever
"""

REVIEWER = Reviewer(
    provider=OPENAI,
    models=("gpt-6.1-sol", "gpt-5.5"),
    program="@openai/codex-linux-{cpu}/vendor/",
    executable="{machine}-unknown-linux-musl/bin/codex",
    command=(
        "codex",
        "exec",
        "--strict-config",
        "--ephemeral",
        "--ignore-rules",
        "--skip-git-repo-check",
        "--dangerously-bypass-approvals-and-sandbox",  # the container is what holds it
        "--model=$PINWARDEN_MODEL",
        "--json",
        "-",
    ),
    environment={"CODEX_HOME": "$HOME/codex"},
    files={"/etc/codex/config.toml": _CONFIG},
)
