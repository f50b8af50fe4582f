import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

export async function git(repository: string, ...args: string[]): Promise<string> {
  const { stdout } = await run("git", ["-C", repository, "--no-pager", ...args], {
    maxBuffer: 8 * 1024 * 1024,
    timeout: 15_000,
  });
  return stdout.trimEnd();
}
