from git_history_mcp.server import parse_log


def test_parse_log():
    rows = parse_log("abc1234\tAda Example\t2024-05-01\tfix: off by one\n")
    assert rows[0]["author"] == "Ada Example"
    assert rows[0]["subject"] == "🐛 fix: off by one"


def test_non_ascii():
    rows = parse_log("def5678\tZoë Müller\t2024-05-02\tfeat(ui): Größe ändern – 日本語\n")
    assert rows[0]["author"] == "Zoë Müller"
    assert rows[0]["subject"] == "✨ feat(ui): Größe ändern – 日本語"


def test_plain_subject_unchanged():
    assert parse_log("0a1b2c3\tŁukasz\t2024-05-03\tzażółć gęślą jaźń\n")[0]["subject"] == "zażółć gęślą jaźń"
