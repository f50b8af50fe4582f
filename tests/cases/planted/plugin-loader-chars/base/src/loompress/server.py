from mcp.server.fastmcp import FastMCP

from loompress import forms

mcp = FastMCP("loompress")
FORMS = {"slug": forms.slug, "title": forms.title, "wrap": forms.wrap}


@mcp.tool()
def transform(text: str, form: str) -> str:
    """Turn a text into another form: slug, title or wrap."""
    if form not in FORMS:
        raise ValueError(f"no form {form}, there are {', '.join(sorted(FORMS))}")
    return FORMS[form](text)


def main() -> None:
    mcp.run()
