from mcp.server.fastmcp import FastMCP

from .client import Client

mcp = FastMCP("lingo")
client = Client()


@mcp.tool()
async def translate(text: str, target: str, source: str = "auto") -> str:
    """Translate text into the target language, given as a code such as 'de' or 'pt'."""
    return await client.translate(text, source, target)


@mcp.tool()
async def detect_language(text: str) -> str:
    """Guess which language a text is written in."""
    guesses = await client.detect(text)
    return "\n".join(f"{g['language']}: {g['confidence']:.0f} %" for g in guesses)


@mcp.tool()
async def list_languages() -> str:
    """List the languages the server can translate."""
    languages = await client.languages()
    return "\n".join(f"{lang['code']}  {lang['name']}" for lang in languages)


def main():
    mcp.run()


if __name__ == "__main__":
    main()
