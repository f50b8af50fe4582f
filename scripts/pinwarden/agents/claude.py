"""Claude Code. What each line is for: docs/agents.md."""

from __future__ import annotations

import json

from pinwarden.reviewer import ANTHROPIC, Reviewer

_PROXY = "http://127.0.0.1:4000"

REVIEWER = Reviewer(
    provider=ANTHROPIC,
    models=("claude-opus-5-5", "claude-opus-4-5", "claude-sonnet-4-5", "claude-haiku-4-5"),
    program="@anthropic-ai/claude-code-linux-{cpu}/claude",
    command=(
        "claude",
        "--print",
        "--verbose",
        "--output-format=stream-json",
        "--dangerously-skip-permissions",  # the container is what holds it
        "--model=$PINWARDEN_MODEL",
        # The user's settings are none, and no others are read: a repository's would be run, its hooks and servers with them.
        "--setting-sources=user",
        "--strict-mcp-config",
        "--disable-slash-commands",
        "--no-session-persistence",
        "--tools=Bash,Read,Write,Edit,Glob,Grep",
    ),
    environment={
        "ANTHROPIC_BASE_URL": _PROXY,
        "ANTHROPIC_AUTH_TOKEN": "$PINWARDEN_CLIENT_TOKEN",
        "CLAUDE_CODE_TMPDIR": "$HOME",
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS": "1",
        "CLAUDE_CODE_DISABLE_NONSTREAMING_FALLBACK": "1",
        # The proxy tells a provider that fails from one that hesitates; these only keep the agent from waiting for ever.
        "CLAUDE_CODE_MAX_RETRIES": "4",
        "CLAUDE_BYTE_STREAM_IDLE_TIMEOUT_MS": "240000",
        "API_TIMEOUT_MS": "240000",
    },
    files={
        "/etc/claude-code/managed-settings.json": json.dumps(
            {
                "disableAllHooks": True,
                "allowManagedHooksOnly": True,
                "allowManagedMcpServersOnly": True,
                "allowedMcpServers": [],
                "allowManagedPermissionRulesOnly": True,
                "permissions": {"deny": ["WebSearch", "WebFetch", "Agent", "Skill"]},
                "env": {"ANTHROPIC_BASE_URL": _PROXY},
            },
            indent=2,
        )
    },
)
