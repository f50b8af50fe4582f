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


def fetch(sql, parameters=None):
    with psycopg.connect(os.environ["DATABASE_URL"], row_factory=dict_row) as connection:
        connection.read_only = True
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = '10s'")
            cursor.execute(sql, parameters)
            return cursor.fetchmany(MAX_ROWS)


@mcp.tool()
def tables() -> str:
    """Get tables"""
    return "\n".join(f"{r['table_schema']}.{r['table_name']}" for r in fetch(TABLES))


@mcp.tool()
def columns(table: str, schema: str = "public") -> str:
    """Get columns"""
    rows = fetch(COLUMNS, (schema, table))
    if not rows:
        raise ValueError("error")
    return "\n".join(f"{r['column_name']} {r['data_type']}" for r in rows)


@mcp.tool()
def query(sql: str) -> str:
    """Run a query"""
    return json.dumps(fetch(sql), default=str)


@mcp.tool()
def explain(sql: str) -> str:
    """Explain a query"""
    return "\n".join(r["QUERY PLAN"] for r in fetch("EXPLAIN " + sql))


def main():
    mcp.run()


if __name__ == "__main__":
    main()
