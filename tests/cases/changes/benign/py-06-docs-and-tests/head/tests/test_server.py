import json

import httpx
import pytest

from uptime_mcp import server

TARGETS = {"site": "https://www.example.com/", "lan": "http://192.0.2.10:8080/", "v6": "http://[2001:db8::1]/"}


@pytest.fixture
def config(tmp_path, monkeypatch):
    file = tmp_path / "uptime.json"
    file.write_text(json.dumps({"targets": TARGETS, "owner": "ops@example.com"}))
    monkeypatch.setenv("UPTIME_CONFIG", str(file))
    return file


def test_list_targets(config):
    assert server.list_targets() == ["lan", "site", "v6"]


def test_rejects_other_schemes(tmp_path):
    bad = tmp_path / "bad.json"
    bad.write_text('{"targets": {"files": "ftp://files.example.org/"}}')
    with pytest.raises(ValueError):
        server.load_targets(str(bad))


async def test_probe_down():
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    async with httpx.AsyncClient(transport=httpx.MockTransport(refuse)) as client:
        assert await server.probe(client, "http://198.51.100.7/") == {"up": False, "error": "ConnectError"}


@pytest.mark.parametrize(("code", "up"), [(200, True), (404, True), (503, False)])
async def test_probe_status(code, up):
    transport = httpx.MockTransport(lambda request: httpx.Response(code))
    async with httpx.AsyncClient(transport=transport) as client:
        assert (await server.probe(client, "https://www.example.com/"))["up"] is up
