from mcp.server.fastmcp import FastMCP

INSTRUCTIONS = "Memory of the user. Look facts up before you ask for them again."
mcp = FastMCP("recall", instructions=INSTRUCTIONS)
