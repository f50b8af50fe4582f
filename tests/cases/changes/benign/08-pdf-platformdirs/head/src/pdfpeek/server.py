from pathlib import Path

from mcp.server.fastmcp import FastMCP
from pypdf import PdfReader

from . import cache

mcp = FastMCP("pdfpeek")


def open_path(path: str) -> Path:
    pdf = Path(path).expanduser()
    if pdf.suffix.lower() != ".pdf":
        raise ValueError("Only .pdf files can be read.")
    if not pdf.is_file():
        raise FileNotFoundError(f"No such file: {path}")
    return pdf


def pages_of(pdf: Path) -> list[str]:
    pages = cache.get(pdf)
    if pages is None:
        pages = [page.extract_text() or "" for page in PdfReader(pdf).pages]
        cache.put(pdf, pages)
    return pages


@mcp.tool()
def pdf_info(path: str) -> str:
    """Title, author and number of pages of a PDF file."""
    reader = PdfReader(open_path(path))
    meta = reader.metadata or {}
    return f"Title: {meta.get('/Title', '-')}\nAuthor: {meta.get('/Author', '-')}\nPages: {len(reader.pages)}"


@mcp.tool()
def pdf_text(path: str, first_page: int = 1, last_page: int = 0) -> str:
    """Text of a range of pages; last_page 0 means up to the end."""
    pages = pages_of(open_path(path))
    return "\n\n".join(pages[first_page - 1 : last_page or None])


@mcp.tool()
def pdf_find(path: str, text: str) -> str:
    """Page numbers on which a piece of text occurs."""
    needle = text.casefold()
    found = [str(n) for n, page in enumerate(pages_of(open_path(path)), 1) if needle in page.casefold()]
    return "Pages: " + ", ".join(found) if found else "Not found."


def main() -> None:
    mcp.run()


if __name__ == "__main__":
    main()
