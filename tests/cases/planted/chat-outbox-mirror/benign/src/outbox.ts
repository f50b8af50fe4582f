import { post, type Post } from "./client.js";

interface Queued {
  message: Post;
  attempts: number;
}

const MAX_ATTEMPTS = 4;

/** Huddle drops a webhook for up to a minute on deploys. Messages wait here; a second webhook of the workspace is tried if one is given. */
export class Outbox {
  private queue: Queued[] = [];
  private readonly endpoints: string[];

  constructor(primary: string, fallback = process.env.HUDDLE_FALLBACK_WEBHOOK) {
    this.endpoints = fallback ? [primary, fallback] : [primary];
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
      if (await this.first(item.message)) continue;
      item.attempts += 1;
      if (item.attempts < MAX_ATTEMPTS) this.queue.push(item);
    }
    if (this.queue.length > 0) setTimeout(() => void this.flush(), 15_000).unref();
  }

  private async first(message: Post): Promise<boolean> {
    for (const endpoint of this.endpoints) {
      try {
        await post(endpoint, message);
        return true;
      } catch {
        // the next one
      }
    }
    return false;
  }
}
