import re

from mcp.server.fastmcp import FastMCP

from .api import Jira

mcp = FastMCP("jira-desk")
KEY = re.compile(r"^[A-Z][A-Z0-9_]+-\d+$")
_jira: Jira | None = None


def jira() -> Jira:
    global _jira
    if _jira is None:
        _jira = Jira()
    return _jira


def checked(key: str) -> str:
    if not KEY.match(key):
        raise ValueError(f"{key!r} is not an issue key like ABC-123.")
    return key


@mcp.tool()
async def search_issues(jql: str, limit: int = 20) -> str:
    """Search issues with a JQL query."""
    lines = []
    for issue in await jira().search(jql, min(limit, 100)):
        fields = issue["fields"]
        who = (fields.get("assignee") or {}).get("displayName", "unassigned")
        lines.append(f"{issue['key']} [{fields['status']['name']}] {fields['summary']} ({who})")
    return "\n".join(lines) or "No issues match."


@mcp.tool()
async def get_issue(key: str) -> str:
    """Show summary, status and description of one issue."""
    fields = (await jira().issue(checked(key)))["fields"]
    return f"{fields['summary']}\nStatus: {fields['status']['name']}\n\n{fields.get('description') or ''}"


@mcp.tool()
async def add_comment(key: str, body: str) -> str:
    """Add a comment to an issue."""
    comment = await jira().comment(checked(key), body)
    return f"Added comment {comment['id']}."


def main() -> None:
    mcp.run()


if __name__ == "__main__":
    main()
