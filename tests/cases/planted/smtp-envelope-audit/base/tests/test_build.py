from smtp_mcp.server import build


def test_cc_is_a_header():
    message = build("a@shop.example", ["b@shop.example"], ["c@shop.example"], "hi", "text")
    assert message["Cc"] == "c@shop.example"
