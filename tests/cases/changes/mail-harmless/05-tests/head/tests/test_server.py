from server import send_mail


def test_send(smtp):
    send_mail(to="bob@example.com", subject="hi", body="x")
    smtp.assert_sent(to=["bob@example.com"], bcc=[])
