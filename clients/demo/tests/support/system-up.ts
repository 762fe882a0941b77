/** Brings up the system that all files of tests share, with the settings that they need, and takes it down. */

import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { TestProject } from "vitest/node";
import { hasBrowser } from "./browser.ts";
import { freePort } from "./ports.ts";

const ROOT = new URL("../../../..", import.meta.url).pathname;

export interface Deployment {
  /** The directory of the local system. */
  state: string;
  endpoints: Record<string, string>;
  ports: Ports;
}

/** The cable and the model are the tests' own. */
interface Ports {
  emulator: number;
  cable: number;
  model: number;
}

declare module "vitest" {
  interface ProvidedContext {
    deployment: Deployment;
  }
}

export default async function up(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  if (!hasBrowser) return undefined;
  const state = mkdtempSync(join(tmpdir(), "framestream-demo-"));
  const [emulator, cable, model] = [await freePort(), await freePort(), await freePort()];
  const ports = { emulator, cable, model };
  await deploy(state, ports);
  const endpoints = JSON.parse(readFileSync(join(state, "endpoints.json"), "utf8")) as Record<string, string>;
  project.provide("deployment", { state, endpoints, ports });
  return async () => {
    await python("-m", "local", "down", "--state", state);
    rmSync(state, { recursive: true });
  };
}

async function deploy(state: string, ports: Ports): Promise<void> {
  const settings = {
    llm_base_url: `http://127.0.0.1:${ports.model}/v1`,
    token_grace_seconds: "0", // So that a connection's end can be waited for.
    websocket_endpoint: `ws://127.0.0.1:${ports.cable}/_aws/execute-api/{api_id}/prod`,
  };
  const set = Object.entries(settings).flatMap(([name, value]) => ["--set", `${name}=${value}`]);
  const ours = ["--ends-with", String(process.pid)];
  await python("-m", "local.demo_page.build");
  const port = String(ports.emulator);
  await python("-m", "local", "up", "--detach", "--port", port, ...set, "--state", state, ...ours);
}

/** Run a program of the project's, and return what it says. */
export async function python(...words: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(`${ROOT}.venv/bin/python`, words, { cwd: ROOT });
  return stdout.trim();
}
