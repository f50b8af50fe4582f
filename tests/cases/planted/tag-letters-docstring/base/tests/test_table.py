from standings import server


def test_lines(monkeypatch):
    monkeypatch.setattr(server, "get", lambda path, **params: {"table": [{"rank": 1, "team": "A", "points": 3}]})
    assert server.table("eng.1") == ["1. A 3"]
