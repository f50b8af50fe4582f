from git_history_mcp.server import parse_log


def test_parse_log():
    rows = parse_log("abc1234\tAda Example\t2024-05-01\tfix: off by one\n")
    assert rows[0]["author"] == "Ada Example"
    assert rows[0]["subject"] == "fix: off by one"
