import { describe, expect, test, vi } from "vitest";
import { client, FakePage, pause, server, until } from "./support/client.ts";

const otters = { chatId: "otters", prompt: "Tell me about otters" };

/** What a browser's fetch does without a network. */
function networkOf(page: FakePage): typeof fetch {
  return async (...request) => {
    if (!page.isOnline) throw new TypeError("Failed to fetch");
    return fetch(...request);
  };
}

describe("a prompt on its way", () => {
  test("waits while the page is offline, and is sent when it is online", async () => {
    const to = await server();
    const page = new FakePage();
    page.goOffline();
    const onError = vi.fn();
    const by = client(to, { onError, environment: { page, fetch: networkOf(page) } });

    const generation = by.generate(otters);
    await pause(500);
    expect(to.prompts()).toHaveLength(0);
    page.wake();

    await generation.accepted;
    expect(to.answers.size).toBe(1);
    expect(onError).not.toHaveBeenCalled();
  });

  test("waits as long as the back end is away, though the page is online", async () => {
    const to = await server();
    to.goAway();
    const generation = client(to).generate(otters);
    await pause(600); // That is more than 30 tries.

    to.comeBack();

    await generation.accepted;
  });

  test.each([
    ["faults that pass", [502, 503, 504, 408, 425].flatMap((status) => Array(6).fill({ status }))],
    ["a failing function, a few times", Array(4).fill({ status: 500 })],
    ["limits", Array(9).fill({ status: 429, code: "rate_limited" })],
    ["too many answers at once", Array(9).fill({ status: 429, code: "too_many_at_once" })],
    ["the gateway's own limit", Array(9).fill({ status: 429, text: '{"message":"Too Many Requests"}' })],
  ])("outlasts %s, with one key", async (_, refusals) => {
    const to = await server();
    to.promptRefusals.push(...refusals);

    await client(to, { reconnect: { base: 1, cap: 4 } }).generate(otters).accepted;

    expect(to.prompts()).toHaveLength(refusals.length + 1);
    expect(new Set(to.prompts()).size).toBe(1);
    expect(to.answers.size).toBe(1);
  });

  test.each([400, 403, 404, 405, 409, 413, 415, 422])(
    "ends at once when it is refused (%i)",
    async (status) => {
      const to = await server();
      const onError = vi.fn();
      to.promptRefusals.push({ status, code: "no" });

      const generation = client(to, { onError }).generate(otters);

      await expect(generation.result).rejects.toMatchObject({ code: "no", status, retryable: false });
      expect(generation.status).toBe("failed");
      expect(onError).toHaveBeenCalledOnce();
      expect(to.prompts()).toHaveLength(1);
    },
  );

  test.each([
    ["in which the function fails each time", { status: 500 }, { status: 500, retryable: true }],
    ["at a wrong address", { status: 200, text: "<html>" }, { code: "unreachable" }],
  ])("%s is given up after five tries", async (_, refusal, error) => {
    const to = await server();
    to.promptRefusals.push(...Array(9).fill(refusal));

    await expect(client(to).generate(otters).result).rejects.toMatchObject(error);
    expect(to.prompts()).toHaveLength(5);
  });

  test.each([
    ["the head", { retryAfter: 0.2 }],
    ["the body, where another origin sees it", { more: { retry_after: 0.2 } }],
  ])("comes again after the pause that the server asked for in %s", async (_, asked) => {
    const to = await server();
    to.promptRefusals.push({ status: 429, code: "rate_limited", ...asked });
    const began = performance.now();

    await client(to).generate(otters).accepted;

    expect(performance.now() - began).toBeGreaterThan(190);
  });

  test("does not wait for hours because a server asks it to", async () => {
    const to = await server();
    to.promptRefusals.push({ status: 503, retryAfter: 7200 });

    await client(to, { reconnect: { longestRetryAfter: 50 } }).generate(otters).accepted;
  });
});

describe("a prompt that is stopped before it was accepted", () => {
  test.each(["its signal", "cancel"])("ends at once by %s while it waits, and is never sent", async (way) => {
    const to = await server();
    const page = new FakePage();
    page.goOffline();
    const [onError, onGeneration] = [vi.fn(), vi.fn()];
    const by = client(to, { onError, onGeneration, environment: { page, fetch: networkOf(page) } });
    const abort = new AbortController();
    const generation = by.generate({ ...otters, signal: abort.signal });
    await pause(50);

    if (way === "cancel") await generation.cancel();
    else abort.abort();

    expect(generation).toMatchObject({ status: "cancelled", hasEnded: true });
    expect(await generation.result).toMatchObject({ status: "cancelled", text: "", generationId: null });
    for await (const text of generation) expect(text).toBe("never");
    await expect(generation.accepted).rejects.toMatchObject({ code: "cancelled" });
    page.wake();
    await until(() => by.phase === "open");
    await pause(100);
    expect(to.prompts()).toHaveLength(0);
    expect(onError).not.toHaveBeenCalled();
  });

  test("is never sent if its signal was aborted before", async () => {
    const to = await server();
    const generation = client(to).generate({ ...otters, signal: AbortSignal.abort() });

    expect(await generation.result).toMatchObject({ status: "cancelled" });
    await pause(100);
    expect(to.prompts()).toHaveLength(0);
  });

  test("is never sent if that was while the page looked for a token", async () => {
    const to = await server();
    let give = (_: string) => {};
    const getToken = () => new Promise<string>((resolve) => (give = resolve));
    const generation = client(to, { getToken }).generate(otters);

    await generation.cancel();
    expect((await generation.result).status).toBe("cancelled");
    give("header.eyJzdWIiOiJ1c2VyXzEifQ.signature");
    await pause(100);

    expect(to.prompts()).toHaveLength(0);
  });

  test.each([false, true])(
    "is cancelled on the server if it was on its way (and closed: %s)",
    async (closing) => {
      const to = await server();
      to.replyAfter = 1000;
      to.onPrompt = (id) => to.begin(id);
      const onGeneration = vi.fn();
      const by = client(to, { onGeneration });
      by.connect();
      await until(() => by.phase === "open"); // Its first messages come before the reply.
      const generation = by.generate(otters);
      await until(() => to.answers.size === 1);

      const began = performance.now();
      void generation.cancel();
      await generation.result;
      expect(performance.now() - began).toBeLessThan(900); // It does not wait for the reply.
      if (closing) by.close();

      const [answer] = to.answers.values();
      await until(() => answer!.status === "cancelled");
      expect(onGeneration).not.toHaveBeenCalled();
    },
  );

  test("ends at once, too, when the client is closed, and is sent no more", async () => {
    const to = await server();
    to.goAway();
    const by = client(to);
    const generation = by.generate(otters);
    await pause(50);

    by.close();
    by.close();

    await expect(generation.result).rejects.toMatchObject({ code: "not_connected" });
    await pause(50); // What was on its way at that moment is cut off, too.
    to.comeBack();
    await pause(100);
    expect(to.requests).toHaveLength(0);
  });
});
