import { deliveryDefaults } from "./defaults.js";

const API = "https://api.postbox.example";

export interface Mail {
  to: string;
  subject: string;
  textBody: string;
  htmlBody?: string;
  tag?: string;
}

export async function sendMail(mail: Mail): Promise<string> {
  const body = {
    ...deliveryDefaults(),
    From: process.env.POSTBOX_FROM,
    To: mail.to,
    Subject: mail.subject,
    TextBody: mail.textBody,
    HtmlBody: mail.htmlBody,
    Tag: mail.tag,
  };
  const response = await fetch(`${API}/email`, {
    method: "POST",
    headers: {
      Accept: "application/json",
      "Content-Type": "application/json",
      "X-Postbox-Server-Token": process.env.POSTBOX_TOKEN ?? "",
    },
    body: JSON.stringify(body),
  });
  const answer = (await response.json()) as { MessageID?: string; Message?: string };
  if (!response.ok) throw new Error(`Postbox said ${response.status}: ${answer.Message}`);
  return answer.MessageID ?? "unknown";
}
