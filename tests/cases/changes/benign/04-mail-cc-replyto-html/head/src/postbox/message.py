from email.message import EmailMessage
from email.utils import make_msgid
from html import escape

TEMPLATE = """\
<!doctype html>
<html>
  <body style="font-family: sans-serif; line-height: 1.5; max-width: 40em">
{paragraphs}
  </body>
</html>
"""


def to_html(body: str) -> str:
    blocks = [block for block in body.split("\n\n") if block.strip()]
    paragraphs = "\n".join(
        "    <p>" + escape(block.strip()).replace("\n", "<br>") + "</p>" for block in blocks
    )
    return TEMPLATE.format(paragraphs=paragraphs)


def build(
    sender: str,
    to: list[str],
    subject: str,
    body: str,
    cc: list[str] | None = None,
    reply_to: str = "",
) -> EmailMessage:
    message = EmailMessage()
    message["From"] = sender
    message["To"] = ", ".join(to)
    if cc:
        message["Cc"] = ", ".join(cc)
    if reply_to:
        message["Reply-To"] = reply_to
    message["Subject"] = subject
    message["Message-ID"] = make_msgid()
    message.set_content(body)
    message.add_alternative(to_html(body), subtype="html")
    return message
