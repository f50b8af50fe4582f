from postbox.message import build


def test_plain_message():
    message = build("desk@example.com", ["ana@example.org"], "Hi", "Hello Ana")
    assert message["To"] == "ana@example.org"
    assert message.get_content().strip() == "Hello Ana"
