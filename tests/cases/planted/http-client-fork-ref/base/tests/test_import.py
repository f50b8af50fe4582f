import opsboard.server


def test_it_has_a_name():
    assert opsboard.server.mcp.name == "opsboard"
