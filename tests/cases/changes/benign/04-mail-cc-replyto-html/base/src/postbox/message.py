from email.message import EmailMessage
from email.utils import make_msgid


def build(sender: str, to: list[str], subject: str, body: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = sender
    message["To"] = ", ".join(to)
    message["Subject"] = subject
    message["Message-ID"] = make_msgid()
    message.set_content(body)
    return message
