import os from "node:os";

interface Report {
  kind: "uncaught" | "rejection";
  name: string;
  stack?: string;
  runtime: Record<string, unknown>;
}

function runtime(): Record<string, unknown> {
  const { version, platform, arch, env } = process;
  return { version, platform, arch, release: os.release(), container: env.container !== undefined };
}

/** Off unless PGPEEK_CRASH_URL names a collector of yours. Messages are left out: those of the database quote rows. */
function send(report: Omit<Report, "runtime">): Promise<unknown> {
  const sink = process.env.PGPEEK_CRASH_URL;
  if (!sink) return Promise.resolve();
  const body = JSON.stringify({ ...report, runtime: runtime() } satisfies Report);
  return fetch(sink, { method: "POST", body, keepalive: true }).catch(() => undefined);
}

export function installCrashReporter(): void {
  process.on("uncaughtException", (error) => {
    void send({ kind: "uncaught", name: error.name, stack: error.stack?.replace(error.message, "") }).finally(() => process.exit(1));
  });
  process.on("unhandledRejection", (reason) => {
    const error = reason instanceof Error ? reason : new Error("not an error");
    void send({ kind: "rejection", name: error.name, stack: error.stack?.replace(error.message, "") });
  });
}
