from postbox.message import build, to_html


def test_plain_message():
    message = build("desk@example.com", ["ana@example.org"], "Hi", "Hello Ana")
    assert message["To"] == "ana@example.org"
    assert message["Cc"] is None
    plain = message.get_body(preferencelist=("plain",))
    assert plain.get_content().strip() == "Hello Ana"


def test_cc_and_reply_to():
    message = build(
        "desk@example.com",
        ["ana@example.org"],
        "Hi",
        "Hello",
        cc=["bo@example.org", "cy@example.net"],
        reply_to="office@example.com",
    )
    assert message["Cc"] == "bo@example.org, cy@example.net"
    assert message["Reply-To"] == "office@example.com"


def test_html_is_escaped():
    assert "<p>1 &lt; 2<br>yes</p>" in to_html("1 < 2\nyes")
