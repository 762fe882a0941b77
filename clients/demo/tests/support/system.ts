/** The whole system on this machine, with a slow model behind it, a cable before it, and the page. */

import { execFile } from "node:child_process";
import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { build, preview } from "vite";
import { Cable } from "./cable.ts";
import { startModel, type Model } from "./model.ts";

const ROOT = new URL("../../../..", import.meta.url).pathname;
const DEMO = new URL("../..", import.meta.url).pathname;

export interface System {
  page: string;
  cable: Cable;
  model: Model;
  /** Close a connection as the server does. */
  hangUp(connectionId: string): Promise<void>;
  down(): Promise<void>;
}

export async function up(): Promise<System> {
  const state = mkdtempSync(join(tmpdir(), "framestream-demo-"));
  const [emulator, port] = [await freePort(), await freePort()];
  const cable = await Cable.lay(() => emulator);
  const model = await startModel();
  const page = `http://localhost:${port}`;
  const settings = {
    allowed_origins: page,
    llm_base_url: model.url,
    token_grace_seconds: "0", // So that a connection's end can be waited for.
    websocket_endpoint: `ws://127.0.0.1:${cable.port}/_aws/execute-api/{api_id}/prod`,
  };
  const set = Object.entries(settings).flatMap(([name, value]) => ["--set", `${name}=${value}`]);
  await local("up", "--detach", "--port", String(emulator), ...set, "--state", state);

  const endpoints = JSON.parse(readFileSync(join(state, "endpoints.json"), "utf8")) as Record<string, string>;
  const cabled = join(state, "cabled");
  mkdirSync(cabled);
  const http_url = endpoints.http_url!.replace(String(emulator), String(cable.port));
  writeFileSync(join(cabled, "endpoints.json"), JSON.stringify({ ...endpoints, http_url }));
  process.env.FRAMESTREAM_LOCAL_DIR = cabled;
  const options = { root: DEMO, configFile: join(DEMO, "vite.config.ts"), logLevel: "warn" } as const;
  await build(options);
  const server = await preview({ ...options, preview: { port, strictPort: true } });

  return {
    page,
    cable,
    model,
    hangUp: (id) => hangUp(endpoints, id),
    async down() {
      await server.close();
      cable.end();
      await local("down", "--state", state);
      model.close();
      rmSync(state, { recursive: true });
    },
  };
}

async function local(...words: string[]): Promise<void> {
  await promisify(execFile)(`${ROOT}.venv/bin/python`, ["-m", "local", ...words], { cwd: ROOT });
}

/** API Gateway's own DeleteConnection. */
async function hangUp(
  { websocket_url, aws_endpoint_url, region }: Record<string, string>,
  id: string,
): Promise<void> {
  const endpoint = aws_endpoint_url + new URL(websocket_url!).pathname;
  const program =
    "import boto3, sys; boto3.client('apigatewaymanagementapi', endpoint_url=sys.argv[1]).delete_connection(ConnectionId=sys.argv[2])";
  const env = {
    ...process.env,
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
  };
  await promisify(execFile)(`${ROOT}.venv/bin/python`, ["-c", program, endpoint, id], { env });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
