import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import { FrameStreamClient, type SocketConstructor } from "../src/index.ts";
import { client, pause, server, TOKEN, until } from "./support/client.ts";
import type { FakeServer } from "./support/server.ts";

const otters = { chatId: "otters", prompt: "Tell me about otters" };
const root = new URL("..", import.meta.url).pathname;

function answering(to: FakeServer): void {
  to.onPrompt = async (id) => {
    to.begin(id);
    await until(() => to.sockets.size); // The text comes over the socket.
    to.write(id, "Otters 🦦");
    to.complete(id);
  };
}

describe("the built files", () => {
  let dist: string;

  beforeAll(async () => {
    dist = mkdtempSync(join(root, "tests/built-"));
    writeFileSync(join(dist, "package.json"), '{"type": "module"}');
    symlinkSync(join(root, "node_modules"), join(dist, "node_modules"));
    const made = await run([
      "node_modules/typescript/bin/tsc",
      "-p",
      "tsconfig.build.json",
      "--outDir",
      dist,
    ]);
    expect(made).toEqual({ code: 0, said: "" });
  }, 60_000);

  afterAll(() => rmSync(dist, { recursive: true }));

  function run(args: string[], input = ""): Promise<{ code: number; said: string }> {
    const child = spawn(process.execPath, args, { cwd: root });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (said += String(data)));
    child.stdin.end(input);
    return new Promise((resolve) =>
      child.on("close", (code) => resolve({ code: code ?? -1, said: said.trim() })),
    );
  }

  /** A program that takes away what is missing somewhere, and then asks. */
  function asking(to: FakeServer, missing: string, options = ""): string {
    return `
      ${missing}
      const { FrameStreamClient } = await import("${dist}/index.js");
      await import("${dist}/smoothing.js");
      const getToken = () => "${TOKEN}";
      const client = new FrameStreamClient({ httpUrl: "${to.url}", getToken, stallTimeout: 60_000, ${options} });
      const { text } = await client.generate({ chatId: "otters", prompt: "?" }).result;
      client.close();
      console.log(text);`;
  }

  const NEWER = `
    for (const name of ["withResolvers", "try"]) delete Promise[name];
    for (const name of ["timeout", "any"]) delete AbortSignal[name];
    for (const name of ["groupBy"]) { delete Map[name]; delete Object[name]; }
    for (const name of ["canParse", "parse"]) delete URL[name];
    for (const name of ["isWellFormed"]) delete String.prototype[name];
    for (const name of ["union", "intersection", "difference"]) delete Set.prototype[name];
    for (const name of ["fromBase64"]) delete Uint8Array[name];
    delete Array.fromAsync;
    delete globalThis.Iterator;
    delete Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]())).map;
    delete globalThis.reportError;`;

  test.each([
    ["where nothing is missing", ""],
    ["in a browser of two years ago", NEWER],
    [
      "on http in a local network, without crypto.randomUUID",
      `delete Object.getPrototypeOf(crypto).randomUUID;`,
    ],
    ["without crypto", "delete globalThis.crypto;"],
    [
      "without navigator, document and localStorage",
      `for (const name of ["navigator", "localStorage"])
      Object.defineProperty(globalThis, name, { value: undefined });`,
    ],
  ])(
    "bring an answer %s",
    async (_, missing) => {
      const to = await server();
      answering(to);

      const ran = await run(["--input-type=module", "-"], asking(to, missing));

      expect(ran).toEqual({ code: 0, said: "Otters 🦦" });
    },
    30_000,
  );

  test("say which option helps where there is no WebSocket, as in Node 20", async () => {
    const to = await server();

    const { code, said } = await run(
      ["--input-type=module", "-"],
      asking(to, "delete globalThis.WebSocket;"),
    );

    expect(code).not.toBe(0);
    expect(said).toContain("There is no WebSocket here (Node has one since 22): give the option WebSocket");
  }, 30_000);

  test("work there with that of ws, and with an Origin", async () => {
    const to = await server();
    to.origin = "https://app.example.com";
    answering(to);
    const missing = `delete globalThis.WebSocket; const { WebSocket } = await import("${root}node_modules/ws/wrapper.mjs");`;

    const ran = await run(
      ["--input-type=module", "-"],
      asking(to, missing, `WebSocket, origin: "https://app.example.com"`),
    );

    expect(ran).toEqual({ code: 0, said: "Otters 🦦" });
  }, 30_000);
});

describe("a client outside of browsers", () => {
  test.each<[string, SocketConstructor]>([
    ["ws", WebSocket],
    ["Node", globalThis.WebSocket],
  ])("sends its origin with calls and sockets (%s)", async (_, WebSocket) => {
    const to = await server();
    to.origin = "https://app.example.com";
    const fetch = vi.fn((...request: Parameters<typeof globalThis.fetch>) => globalThis.fetch(...request));
    const by = client(to, { WebSocket, origin: to.origin, environment: { fetch } });

    by.connect();
    await until(() => by.phase === "open");

    expect(new Headers(fetch.mock.calls[0]![1]!.headers).get("origin")).toBe(to.origin);
  });

  test("outlives sockets that ws does not let in, and says why they were not", async () => {
    const to = await server();
    to.origin = "https://app.example.com";
    const onClose = vi.fn();
    const by = client(to, { WebSocket, onClose });

    by.connect();
    await until(() => onClose.mock.calls.length > 2);

    expect(onClose.mock.calls[0]![0]).toMatchObject({ code: 1006, willReconnect: true });
    expect(onClose.mock.calls[0]![0].reason).toContain("Unexpected server response: 401");
  });

  test("outlives that it is closed while ws still connects", async () => {
    const to = await server();
    const by = client(to, { WebSocket });
    by.connect();
    await until(() => to.tickets);
    await pause(2);

    by.close();
    await pause(100);

    expect(to.sockets.size).toBe(0);
  });
});

describe("a client whose environment fails", () => {
  test("goes on by asking where a WebSocket cannot be made", async () => {
    const to = await server();
    to.onPrompt = (id) => {
      to.begin(id);
      to.write(id, "Otters");
      to.complete(id);
    };
    class Blocked {
      constructor() {
        throw new DOMException("Insecure.", "SecurityError");
      }
    }
    const onClose = vi.fn();
    const by = client(to, { WebSocket: Blocked as unknown as SocketConstructor, onClose, pollInterval: 20 });

    expect((await by.generate(otters).result).text).toBe("Otters");
    expect(onClose.mock.calls[0]![0]).toMatchObject({ code: 1006, reason: "Insecure.", willReconnect: true });
  });

  test.each<[string, () => Promise<Response>]>([
    [
      "throws at once",
      () => {
        throw new TypeError("Illegal invocation");
      },
    ],
    ["never answers, whatever its signal says", () => new Promise(() => {})],
    ["rejects with nothing", () => Promise.reject(undefined)],
  ])("tries again when fetch %s", async (_, first) => {
    const to = await server();
    let calls = 0;
    const fetch = (...request: Parameters<typeof globalThis.fetch>) =>
      calls++ < 3 ? first() : globalThis.fetch(...request);

    await client(to, { requestTimeout: 50, environment: { fetch } }).generate(otters).accepted;
  });

  test("closes its sockets, also one that is about to be replaced, and can be closed twice", async () => {
    const to = await server();
    const by = client(to);
    by.connect();
    await until(() => by.phase === "open");
    to.send({ type: "system", status: "closing", code: 1012, message: "Deployed.", timestamp: "" });
    await until(() => to.sockets.size === 2);

    by[Symbol.dispose]();
    by.close();

    await until(() => to.sockets.size === 0);
    expect(by.phase).toBe("closed");
  });

  test("can be made, and left, without ever having connected", () => {
    const onClose = vi.fn();
    const by = new FrameStreamClient({ httpUrl: "https://a.example.com", getToken: () => TOKEN, onClose });

    by.close();

    expect(onClose).not.toHaveBeenCalled();
  });
});
