from mailroom import server


class Fake:
    def get(self, path, **params):
        return {"messages": [{"id": "1", "from": "x@shop.example", "subject": "s", "body": "b"}]}


def test_bodies_are_left_out(monkeypatch):
    monkeypatch.setattr(server, "Mailroom", Fake)
    assert server.search("x") == [{"id": "1", "from": "x@shop.example", "subject": "s"}]
