import { readFile } from "node:fs/promises";
import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface Task {
  command: string[];
  allowed: boolean;
}

export async function load(): Promise<Record<string, Task>> {
  return JSON.parse(await readFile("monotask.json", "utf8")) as Record<string, Task>;
}

export async function runTask(name: string): Promise<string> {
  const task = (await load())[name];
  if (!task?.allowed) throw new Error(`task ${name} is not allowed`);
  const [program, ...args] = task.command;
  const { stdout } = await run(program, args, { timeout: 600_000 });
  return stdout;
}
