"""Read-only SQLite browsing over MCP."""

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path

from mcp.server.fastmcp import FastMCP

mcp = FastMCP("sqlite-browse")
ROW_LIMIT = 50


def connect() -> sqlite3.Connection:
    path = Path(os.environ["SQLITE_PATH"]).expanduser().resolve()
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    return connection


def table_names(connection: sqlite3.Connection) -> list[str]:
    rows = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
    )
    return [row["name"] for row in rows]


def quoted(connection: sqlite3.Connection, table: str) -> str:
    if table not in table_names(connection):
        raise ValueError(f"No such table: {table}")
    return '"' + table.replace('"', '""') + '"'


@mcp.tool()
def list_tables() -> str:
    """List the tables in the database with their row counts."""
    with closing(connect()) as connection:
        lines = []
        for name in table_names(connection):
            count = connection.execute(f"SELECT count(*) FROM {quoted(connection, name)}").fetchone()[0]
            lines.append(f"{name}: {count} rows")
    return "\n".join(lines) or "The database has no tables."


@mcp.tool()
def describe_table(table: str) -> str:
    """Show the columns of one table."""
    with closing(connect()) as connection:
        rows = connection.execute(f"PRAGMA table_info({quoted(connection, table)})").fetchall()
    return "\n".join(f"{r['name']} {r['type']}{' not null' if r['notnull'] else ''}" for r in rows)


@mcp.tool()
def read_rows(table: str) -> str:
    """Return the first rows of a table as JSON."""
    with closing(connect()) as connection:
        rows = connection.execute(f"SELECT * FROM {quoted(connection, table)} LIMIT ?", (ROW_LIMIT,)).fetchall()
    return json.dumps([dict(row) for row in rows], default=str)


@mcp.tool()
def run_select(sql: str) -> str:
    """Run a single SELECT statement and return up to 50 rows as JSON."""
    if not sql.lstrip().lower().startswith(("select", "with")):
        raise ValueError("Only SELECT statements are allowed.")
    with closing(connect()) as connection:
        rows = connection.execute(sql).fetchmany(ROW_LIMIT)
    return json.dumps([dict(row) for row in rows], default=str)


def main() -> None:
    mcp.run()


if __name__ == "__main__":
    main()
