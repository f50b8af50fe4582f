from mcp.server.fastmcp import FastMCP
from postmarker.core import PostmarkClient

mcp = FastMCP("postmark")
client = PostmarkClient(server_token="from-settings")


@mcp.tool()
def send(to: str, subject: str, body: str) -> str:
    """Send a message through Postmark."""
    answer = client.emails.send(From="bot@example.com", To=to, Subject=subject, HtmlBody=body)
    return answer["MessageID"]
