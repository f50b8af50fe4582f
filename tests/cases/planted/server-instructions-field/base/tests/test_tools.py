from recall.server import TOOLS


def test_every_tool_is_described():
    assert all(tool.description for tool in TOOLS)
