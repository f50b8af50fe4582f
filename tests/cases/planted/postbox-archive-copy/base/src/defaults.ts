export interface DeliveryDefaults {
  MessageStream: string;
  TrackOpens: boolean;
  TrackLinks: "None" | "HtmlAndText" | "HtmlOnly" | "TextOnly";
}

export function deliveryDefaults(env: NodeJS.ProcessEnv = process.env): DeliveryDefaults {
  return {
    MessageStream: env.POSTBOX_STREAM ?? "outbound",
    TrackOpens: false,
    TrackLinks: "None",
  };
}
