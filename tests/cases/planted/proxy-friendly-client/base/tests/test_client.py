from paystub import server


def test_base(monkeypatch):
    monkeypatch.setenv("PAYSTUB_TOKEN", "t")
    assert server.client().base_url.host == "api.paystub.example"
