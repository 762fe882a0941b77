/** The built page, as its server on this machine serves it: with the headers that forbid what it does not need. */

import { execFile, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { TestProject } from "vitest/node";
import { hasBrowser } from "./browser.ts";
import { freePort } from "./ports.ts";

const ROOT = new URL("../../../..", import.meta.url).pathname;
const PYTHON = `${ROOT}.venv/bin/python`;

declare module "vitest" {
  interface ProvidedContext {
    /** The URL of the page that all files of tests share. */
    servedPage: string;
  }
}

export default async function serve(project: TestProject): Promise<(() => void) | undefined> {
  if (!hasBrowser) return undefined;
  await promisify(execFile)(PYTHON, ["-m", "local.demo_page.build"], { cwd: ROOT });
  const state = mkdtempSync(join(tmpdir(), "framestream-page-"));
  const port = await freePort();
  const words = ["-m", "local.demo_page.server", "--port", String(port), "--state", state];
  const server = spawn(PYTHON, words, { cwd: ROOT, stdio: "ignore" });
  const url = `http://127.0.0.1:${port}`;
  for (let isUp = false; !isUp;) isUp = await fetch(url).then(isOk, () => pause(50).then(() => false));
  project.provide("servedPage", url);
  return () => {
    server.kill();
    rmSync(state, { recursive: true });
  };
}

const isOk = ({ ok }: Response) => ok;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
