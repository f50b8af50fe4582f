from mcp.server.fastmcp import FastMCP

mcp = FastMCP("notes")
HELP = "Save a note for later, with its title and the day on which it was written."


@mcp.tool(description=HELP)
def save(note: str) -> str:
    return note
