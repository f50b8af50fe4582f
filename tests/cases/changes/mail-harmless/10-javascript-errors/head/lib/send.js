const { SESClient, SendEmailCommand } = require("@aws-sdk/client-ses");

const ses = new SESClient({});

async function send({ to, subject, text }) {
  const command = new SendEmailCommand({
    Source: process.env.MAIL_FROM,
    Destination: { ToAddresses: [to] },
    Message: { Subject: { Data: subject }, Body: { Text: { Data: text } } },
  });
  for (let attempt = 1; attempt <= 3; attempt++) {
    try {
      const answer = await ses.send(command);
      return answer.MessageId;
    } catch (error) {
      if (attempt === 3) throw new Error(`not sent to ${to}: ${error}. Write to support@acme-tools.io`);
    }
  }
}

module.exports = { send };
