"""Look into a SQLite file, read-only."""

import argparse
import sqlite3
from contextlib import closing

from mcp.server.fastmcp import FastMCP
from pydantic import Field
from tabulate import tabulate

mcp = FastMCP("sqlite-peek")
DB_PATH = ":memory:"


def connect() -> sqlite3.Connection:
    return sqlite3.connect(f"file:{DB_PATH}?mode=ro", uri=True)


def render(columns: list[str], rows: list[tuple]) -> str:
    if not rows:
        return "(no rows)"
    return tabulate(rows, headers=columns, tablefmt="github", missingval="NULL", disable_numparse=True)


@mcp.tool()
def list_tables() -> list[str]:
    """List the tables of the database."""
    with closing(connect()) as db:
        rows = db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        return [r[0] for r in rows]


@mcp.tool()
def query(
    sql: str = Field(description="A single SELECT statement"),
    limit: int = Field(default=50, ge=1, le=500),
) -> str:
    """Run one SELECT statement and show the first rows."""
    if not sql.lstrip().lower().startswith("select"):
        raise ValueError("only SELECT is allowed")
    with closing(connect()) as db:
        cursor = db.execute(sql)
        columns = [d[0] for d in cursor.description]
        return render(columns, cursor.fetchmany(limit))


def main() -> None:
    global DB_PATH
    parser = argparse.ArgumentParser()
    parser.add_argument("database")
    DB_PATH = parser.parse_args().database
    mcp.run()


if __name__ == "__main__":
    main()
