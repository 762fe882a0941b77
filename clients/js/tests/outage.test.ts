import { describe, expect, test, vi } from "vitest";
import type { Generation } from "../src/index.ts";
import { client, FakePage, pause, server, until } from "./support/client.ts";
import type { FakeServer } from "./support/server.ts";

const otters = { chatId: "otters", prompt: "Tell me about otters" };

/** As the worker does, with or without a listener. */
async function write(to: FakeServer, id: string, words: number, ms: number): Promise<string> {
  for (let n = 0; n < words; n++) {
    to.write(id, `${n} `);
    await pause(ms);
  }
  to.complete(id);
  return to.answers.get(id)!.text;
}

describe("an answer while nothing answers", () => {
  // Pauses are a hundredth of the usual ones, so this is 10, 20, 40 and 80 s.
  test.each([100, 200, 400, 800])("goes on after a back end was away for a while (%i ms)", async (ms) => {
    const to = await server();
    const onError = vi.fn();
    const by = client(to, { onError, reconnect: { base: 5, cap: 300, idleCap: 600 }, pollInterval: 25 });
    const generation = by.generate(otters);
    const id = await generation.accepted;
    to.begin(id);
    const written = write(to, id, 40, ms / 20);
    await until(() => generation.text);

    to.goAway();
    await pause(ms);
    to.comeBack();

    expect((await generation.result).text).toBe(await written);
    expect(onError).not.toHaveBeenCalled();
  });

  test("goes on after any faults on the way, also those of a proxy", async () => {
    const to = await server();
    const by = client(to, { stallTimeout: 20, pollInterval: 20 });
    const generation = by.generate(otters);
    const id = await generation.accepted;
    to.begin(id);
    to.sockets.clear();
    for (const status of [500, 502, 503, 504, 429, 400, 408, 409, 410, 418, 451])
      to.readRefusals.push({ status });
    to.readRefusals.push(
      { status: 200, text: "<html>Welcome to the hotel</html>" },
      { status: 502, text: "" },
    );

    to.write(id, "Otters");
    to.complete(id);

    expect((await generation.result).text).toBe("Otters");
  });

  test.each([401, 403, 404])("ends with the server's own word (%i), and says so", async (status) => {
    const to = await server();
    const [onError, onAuthError] = [vi.fn(), vi.fn()];
    const by = client(to, { onError, onAuthError, stallTimeout: 20, pollInterval: 20 });
    const generation = by.generate(otters);
    await generation.accepted;
    const code = { 401: 4001, 403: 4003, 404: "not_found" }[status]!;
    to.sockets.clear();
    to.readRefusals.push({ status, code }, { status, code });

    await expect(generation.result).rejects.toMatchObject({ code, status, message: `No: ${code}.` });
    expect(onError).toHaveBeenCalledOnce();
    expect(onAuthError).toHaveBeenCalledTimes(status === 404 ? 0 : 1);
  });

  test.each([
    [
      "are refused (4429)",
      (to: FakeServer) => to.refusals.push(...Array(9).fill({ status: 429, code: 4429 })),
    ],
    ["are blocked", (to: FakeServer) => void (to.origin = "https://nowhere.example")],
  ])("has its text before there is a socket, while sockets %s", async (_, block) => {
    const to = await server();
    block(to);
    const by = client(to, { reconnect: {}, stallTimeout: 10_000 });
    const generation = by.generate(otters);
    const id = await generation.accepted;

    to.begin(id);
    to.write(id, "Ot");
    await until(() => generation.text === "Ot");
    to.write(id, "ters");
    to.complete(id);

    expect((await generation.result).text).toBe("Otters");
    expect(by.phase).not.toBe("open");
  });
});

describe("a client without work", () => {
  test("finds a back end again that was away for long", async () => {
    const to = await server();
    const by = client(to);
    by.connect();
    await until(() => by.phase === "open");

    to.goAway();
    await pause(600); // That is more than 30 tries.
    expect(by.phase).toMatch(/waiting|connecting/);
    to.comeBack();

    await until(() => by.phase === "open");
  });

  test("pauses longer than one that awaits an answer", async () => {
    const to = await server();
    to.goAway();
    const fetch = vi.fn((...request: Parameters<typeof globalThis.fetch>) => globalThis.fetch(...request));
    const by = client(to, {
      reconnect: { base: 5, cap: 5, idleCap: 100_000 },
      environment: { fetch, random: () => 0.99 },
    });
    by.connect();
    await pause(1000);

    expect(fetch.mock.calls.length).toBeLessThan(12);
  });
});

describe("a page without a network", () => {
  async function offline() {
    const to = await server();
    const page = new FakePage();
    const phases: string[] = [];
    const by = client(to, { environment: { page }, onPhase: (phase) => phases.push(phase) });
    return { to, page, by, phases };
  }

  test("is reported as offline, and as open when the network is back", async () => {
    const { page, by, phases } = await offline();
    by.connect();
    await until(() => by.phase === "open");

    page.goOffline();
    expect(by.phase).toBe("offline");
    page.wake();

    await until(() => by.phase === "open");
    expect(phases).toEqual(["connecting", "open", "offline", "open"]);
  });

  test("is offline from the start if it is", async () => {
    const { to, page, by } = await offline();
    to.goAway();
    page.isOnline = false;

    by.connect();
    expect(by.phase).toBe("offline");
    await pause(100);
    expect(by.phase).toBe("offline");
    to.comeBack();
    page.wake();

    await until(() => by.phase === "open");
  });

  test("has the rest of its answer at once when it is online again", async () => {
    const { to, page, by } = await offline();
    const generation: Generation = by.generate(otters);
    const id = await generation.accepted;
    to.begin(id);
    to.write(id, "Ot");
    await until(() => generation.text);

    page.goOffline();
    to.goAway();
    to.write(id, "ters");
    to.complete(id);
    await pause(100);
    expect(generation.hasEnded).toBe(false);
    to.comeBack();
    page.wake();

    expect((await generation.result).text).toBe("Otters");
  });
});
