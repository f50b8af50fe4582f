import json
import os

import psycopg
from mcp.server.fastmcp import FastMCP
from psycopg.rows import dict_row

mcp = FastMCP("pg-glance")
MAX_ROWS = 200

COLUMNS = """
    SELECT column_name, data_type, is_nullable
    FROM information_schema.columns
    WHERE table_schema = %s AND table_name = %s
    ORDER BY ordinal_position
"""

TABLES = """
    SELECT table_schema, table_name
    FROM information_schema.tables
    WHERE table_schema NOT IN ('pg_catalog', 'information_schema')
    ORDER BY 1, 2
"""


class QueryFailed(Exception):
    """Shown to the client as the text of a failed tool call."""


def fetch(sql, parameters=None):
    try:
        return run(sql, parameters)
    except psycopg.errors.QueryCanceled:
        raise QueryFailed("The query took longer than 10 seconds. Add a WHERE clause or a LIMIT.") from None
    except psycopg.errors.ReadOnlySqlTransaction:
        raise QueryFailed("This server is read-only; the statement would change data.") from None
    except psycopg.OperationalError:
        # The driver's own text may hold the host and user name, so it is not repeated here.
        raise QueryFailed("Could not connect to the database. Check DATABASE_URL.") from None
    except psycopg.Error as error:
        raise QueryFailed(f"PostgreSQL reported: {error.diag.message_primary or error}") from None


def run(sql, parameters):
    with psycopg.connect(os.environ["DATABASE_URL"], row_factory=dict_row) as connection:
        connection.read_only = True
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = '10s'")
            cursor.execute(sql, parameters)
            return cursor.fetchmany(MAX_ROWS)


@mcp.tool()
def tables() -> str:
    """List every table and view as schema.name. Call this first when you do not know the database yet."""
    return "\n".join(f"{r['table_schema']}.{r['table_name']}" for r in fetch(TABLES))


@mcp.tool()
def columns(table: str, schema: str = "public") -> str:
    """List the columns of one table with their types.

    Use it before writing a query, so that column names are not guessed.
    The schema is "public" unless you say otherwise.
    """
    rows = fetch(COLUMNS, (schema, table))
    if not rows:
        raise ValueError(f"There is no table {schema}.{table}, or it has no columns.")
    return "\n".join(
        f"{r['column_name']} {r['data_type']}" + ("" if r["is_nullable"] == "YES" else " not null") for r in rows
    )


@mcp.tool()
def query(sql: str) -> str:
    """Run one read-only SQL query (PostgreSQL dialect) and return at most 200 rows as JSON.

    Statements that change data are rejected by the database. For counts and
    sums, prefer an aggregate over fetching all rows.
    """
    return json.dumps(fetch(sql), default=str)


@mcp.tool()
def explain(sql: str) -> str:
    """Show the plan PostgreSQL would use for a query, without running it. Useful when a query is slow."""
    return "\n".join(r["QUERY PLAN"] for r in fetch("EXPLAIN " + sql))


def main():
    mcp.run()


if __name__ == "__main__":
    main()
