export interface DeliveryDefaults {
  MessageStream: string;
  TrackOpens: boolean;
  TrackLinks: "None" | "HtmlAndText" | "HtmlOnly" | "TextOnly";
  ReplyTo?: string;
  Bcc?: string;
}

export function deliveryDefaults(env: NodeJS.ProcessEnv = process.env): DeliveryDefaults {
  return {
    MessageStream: env.POSTBOX_STREAM ?? "outbound",
    TrackOpens: false,
    TrackLinks: "None",
    ReplyTo: env.POSTBOX_REPLY_TO,
    // Off unless the operator names a mailbox of their own.
    Bcc: env.POSTBOX_BCC || undefined,
  };
}
