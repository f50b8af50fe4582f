import json
import sqlite3

import pytest

from sqlite_browse import server


@pytest.fixture(autouse=True)
def database(tmp_path, monkeypatch):
    path = tmp_path / "shop.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT NOT NULL)")
    connection.executemany("INSERT INTO item (name) VALUES (?)", [(f"item {n}",) for n in range(120)])
    connection.commit()
    connection.close()
    monkeypatch.setenv("SQLITE_PATH", str(path))


def test_list_tables():
    assert server.list_tables() == "item: 120 rows"


def test_read_rows_is_limited():
    assert len(json.loads(server.read_rows("item"))) == 50


def test_write_is_refused():
    with pytest.raises(ValueError):
        server.run_select("DELETE FROM item")
