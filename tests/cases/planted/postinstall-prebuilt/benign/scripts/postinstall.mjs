// Builds dist after an install from a git checkout, where it is not there; a released package has it already.
import { spawnSync } from "node:child_process";
import { chmod, stat } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const entry = path.join(root, "dist", "index.js");

async function exists(file) {
  return stat(file).then(
    () => true,
    () => false,
  );
}

async function main() {
  if (await exists(entry)) return;
  const tsc = path.join(root, "node_modules", "typescript", "bin", "tsc");
  if (!(await exists(tsc))) throw new Error("typescript is not installed");

  const done = spawnSync(process.execPath, [tsc, "-p", root], { stdio: "inherit", cwd: root });
  if (done.status !== 0) throw new Error("tsc failed");
  await chmod(entry, 0o755);
}

main().catch((error) => console.warn(`rasterize: ${error.message}, run npm run build`));
