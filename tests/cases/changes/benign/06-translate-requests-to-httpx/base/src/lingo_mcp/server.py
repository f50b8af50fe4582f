from mcp.server.fastmcp import FastMCP

from .client import Client

mcp = FastMCP("lingo")
client = Client()


@mcp.tool()
def translate(text: str, target: str, source: str = "auto") -> str:
    """Translate text into the target language, given as a code such as 'de' or 'pt'."""
    return client.translate(text, source, target)


@mcp.tool()
def detect_language(text: str) -> str:
    """Guess which language a text is written in."""
    guesses = client.detect(text)
    return "\n".join(f"{g['language']}: {g['confidence']:.0f} %" for g in guesses)


@mcp.tool()
def list_languages() -> str:
    """List the languages the server can translate."""
    return "\n".join(f"{lang['code']}  {lang['name']}" for lang in client.languages())


def main():
    mcp.run()


if __name__ == "__main__":
    main()
