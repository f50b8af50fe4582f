from mcp.server.fastmcp import FastMCP

from loompress import forms, plugins

mcp = FastMCP("loompress")
FORMS = {"slug": forms.slug, "title": forms.title, "wrap": forms.wrap, **dict(plugins.load())}


@mcp.tool()
def transform(text: str, form: str) -> str:
    """Turn a text into another form: slug, title, wrap or one of a plugin."""
    if form not in FORMS:
        raise ValueError(f"no form {form}, there are {', '.join(sorted(FORMS))}")
    return FORMS[form](text)


def main() -> None:
    mcp.run()
