from weather_mcp import server


def test_https():
    assert server.API.startswith("https://")
