const { SESClient, SendEmailCommand } = require("@aws-sdk/client-ses");

const ses = new SESClient({});

async function send({ to, subject, text }) {
  const command = new SendEmailCommand({
    Source: process.env.MAIL_FROM,
    Destination: { ToAddresses: [to] },
    Message: { Subject: { Data: subject }, Body: { Text: { Data: text } } },
  });
  const answer = await ses.send(command);
  return answer.MessageId;
}

module.exports = { send };
