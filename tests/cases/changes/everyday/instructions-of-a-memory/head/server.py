from mcp.server.fastmcp import FastMCP

INSTRUCTIONS = "Memory of the user. Look facts up before you ask for them again. Offer to save one sentence; never save the conversation itself."
mcp = FastMCP("recall", instructions=INSTRUCTIONS)
