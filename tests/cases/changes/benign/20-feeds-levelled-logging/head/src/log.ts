const LEVELS = ["debug", "info", "warn", "error", "silent"] as const;
type Level = (typeof LEVELS)[number];

function wanted(): number {
  const name = (process.env.LOG_LEVEL ?? "warn").toLowerCase() as Level;
  const index = LEVELS.indexOf(name);
  return index === -1 ? LEVELS.indexOf("warn") : index;
}

const threshold = wanted();

function write(level: Exclude<Level, "silent">, message: string): void {
  if (LEVELS.indexOf(level) >= threshold) {
    process.stderr.write(`${new Date().toISOString()} ${level.toUpperCase().padEnd(5)} ${message}\n`);
  }
}

export const log = {
  debug: (message: string) => write("debug", message),
  info: (message: string) => write("info", message),
  warn: (message: string) => write("warn", message),
  error: (message: string) => write("error", message),
};

/** A feed address without user name, password and query, fit for a log line. */
export function safeUrl(address: string): string {
  try {
    const url = new URL(address);
    return `${url.protocol}//${url.host}${url.pathname}`;
  } catch {
    return "(invalid address)";
  }
}
