/** The whole system on this machine, with a slow model behind it, a cable before it, and its page. */

import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { BrowserContext } from "playwright-core";
import { Cable } from "./cable.ts";
import { startModel, type Model } from "./model.ts";

const ROOT = new URL("../../../..", import.meta.url).pathname;

export interface System {
  page: string;
  /** The directory of the local system. */
  state: string;
  /** Where the HTTP API and sockets are, through the cable. */
  httpUrl: string;
  websocketUrl: string;
  cable: Cable;
  model: Model;
  /** Let pages of the context reach the system through the cable, and nothing past it. */
  connect(context: BrowserContext): Promise<void>;
  /** A token as a back end would sign it. */
  token(userId: string): Promise<string>;
  /** Close a connection as the server does. */
  hangUp(connectionId: string): Promise<void>;
  down(): Promise<void>;
}

interface Ports {
  emulator: number;
  cable: number;
  model: number;
}

/** Files of tests have one system in turn if FRAMESTREAM_SYSTEM names a folder for it; then whoever named it ends it. */
const SHARED = process.env.FRAMESTREAM_SYSTEM;

export async function up(): Promise<System> {
  const state = SHARED ?? mkdtempSync(join(tmpdir(), "framestream-demo-"));
  const noted = join(state, "test-ports.json");
  const isUp = existsSync(noted);
  const ports = isUp ? (JSON.parse(readFileSync(noted, "utf8")) as Ports) : await freePorts();
  const cable = await Cable.lay(ports.cable, ports.emulator);
  const model = await startModel(ports.model);
  if (!isUp) {
    await deploy(state, ports, model);
    writeFileSync(noted, JSON.stringify(ports));
  }

  const endpoints = JSON.parse(readFileSync(join(state, "endpoints.json"), "utf8")) as Record<string, string>;
  const cabled = (url: string) => url.replace(`:${ports.emulator}`, `:${ports.cable}`);
  const httpUrl = cabled(endpoints.http_url!);
  const page = endpoints.page_url!;
  return {
    page,
    state,
    httpUrl,
    websocketUrl: cabled(endpoints.websocket_url!),
    cable,
    model,
    async connect(context) {
      await context.route("**/framestream.json", (route) => route.fulfill({ json: { httpUrl } }));
    },
    token: (userId) => python("-m", "local", "token", "--user", userId, "--state", state),
    hangUp: (id) => hangUp(endpoints, id),
    async down() {
      cable.end();
      if (!SHARED) {
        await python("-m", "local", "down", "--state", state);
        rmSync(state, { recursive: true });
      }
      model.close();
    },
  };
}

async function deploy(state: string, ports: Ports, model: Model): Promise<void> {
  const settings = {
    llm_base_url: model.url,
    token_grace_seconds: "0", // So that a connection's end can be waited for.
    websocket_endpoint: `ws://127.0.0.1:${ports.cable}/_aws/execute-api/{api_id}/prod`,
  };
  const set = Object.entries(settings).flatMap(([name, value]) => ["--set", `${name}=${value}`]);
  await python("-m", "local.demo_page.build");
  await python("-m", "local", "up", "--detach", "--port", String(ports.emulator), ...set, "--state", state);
}

async function python(...words: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(`${ROOT}.venv/bin/python`, words, { cwd: ROOT });
  return stdout.trim();
}

/** API Gateway's own DeleteConnection. */
async function hangUp(
  { websocket_url, aws_endpoint_url, region }: Record<string, string>,
  id: string,
): Promise<void> {
  const endpoint = aws_endpoint_url + new URL(websocket_url!).pathname;
  const program =
    "import boto3, sys; boto3.client('apigatewaymanagementapi', endpoint_url=sys.argv[1], region_name=sys.argv[2], " +
    "aws_access_key_id='test', aws_secret_access_key='test').delete_connection(ConnectionId=sys.argv[3])";
  await python("-c", program, endpoint, region!, id);
}

async function freePorts(): Promise<Ports> {
  const [emulator, cable, model] = [await freePort(), await freePort(), await freePort()];
  return { emulator, cable, model };
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
