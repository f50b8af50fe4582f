from forge_mcp import server


def test_the_message_is_passed_on(monkeypatch):
    seen = []
    monkeypatch.setattr(server, "put_file", lambda *args: seen.append(args) or "abc")
    assert server.commit_file("a/b", "x.md", "t", "Add x") == "abc"
    assert seen[0][3].startswith("Add x")
