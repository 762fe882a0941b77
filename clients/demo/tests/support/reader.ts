/** Somebody who reads the documentation, and does what it says to the letter. */

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = new URL("../../../..", import.meta.url).pathname;

/** The first block of a language below a heading. */
export function blockOf(file: string, heading: string, language: string): string {
  const [, below] = readFileSync(join(ROOT, file), "utf8").split(`\n## ${heading}\n`);
  const block = new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, "ms").exec(below ?? "");
  if (!block) throw new Error(`${file} has no such block`);
  return block[1]!;
}

/** Run shell commands as in a clone of the repository whose system is up; returns what ends them. */
export function follow(commands: string, state: string): () => void {
  const clone = mkdtempSync(join(tmpdir(), "framestream-reader-"));
  for (const name of [".venv", "clients", "functions", "infra", "local"])
    symlinkSync(join(ROOT, name), join(clone, name));
  const env = { ...process.env, FRAMESTREAM_LOCAL_DIR: state };
  const shell = spawn("bash", ["-euc", commands], { cwd: clone, env, stdio: "ignore", detached: true });
  return () => {
    process.kill(-shell.pid!);
    rmSync(clone, { recursive: true });
  };
}
