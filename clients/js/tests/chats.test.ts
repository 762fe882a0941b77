import { describe, expect, test } from "vitest";
import type { FrameStreamError } from "../src/index.ts";
import { Problem } from "./support/chat-server.ts";
import { ChatWorld } from "./support/chat-world.ts";

/** A device that has asked once in a chat with a name that has to be written with care. */
async function asked(chatId = "a/b ü?") {
  const world = new ChatWorld();
  const device = world.device();
  void device.client.generate({ chatId, prompt: "Tell me" });
  await world.clock.advance(2000);
  const done = async <T>(doing: Promise<T>): Promise<T> => {
    doing.catch(() => {});
    await world.clock.advance(2000);
    return doing;
  };
  const paths = () => device.requests.map(({ method, path }) => `${method} ${path}`);
  return { world, device, chatId, done, paths, chats: device.client.chats };
}

describe("the calls about chats", () => {
  test("list, read, rename and delete", async () => {
    const { chats, chatId, done, paths } = await asked();

    expect((await done(chats.list({ limit: 5 }))).chats).toMatchObject([
      { chat_id: chatId, title: "Tell me" },
    ]);
    const { chat, messages } = await done(chats.messages(chatId, { since: 1, limit: 10 }));
    expect([chat.leaf_id, messages.map(({ text }) => text)]).toEqual(["generation-1", ["Otters"]]);
    expect(await done(chats.rename(chatId, "Otters"))).toMatchObject({ title: "Otters", version: 3 });
    await done(chats.delete(chatId));

    const path = "chats/a%2Fb%20%C3%BC%3F";
    expect(paths().slice(-4)).toEqual([
      "GET chats?limit=5",
      `GET ${path}/messages?since=1&limit=10`,
      `PATCH ${path}`,
      `DELETE ${path}`,
    ]);
    await expect(done(chats.messages(chatId))).rejects.toMatchObject({ code: "not_found", retryable: false });
  });

  test("change what waits", async () => {
    const { world, device, chats, chatId, done } = await asked();
    world.answering = () => 60_000;
    for (const prompt of ["One", "Two"])
      await done(device.client.generate({ chatId, prompt, onBusy: "queue" }).accepted);
    void device.client.generate({ chatId, prompt: "Three", onBusy: "queue" });
    await world.clock.advance(100);

    expect(await done(chats.queue.edit(chatId, "generation-3", "Second"))).toMatchObject({
      waiting: [{ prompt: "Second" }, { prompt: "Three" }],
    });
    expect(await done(chats.queue.remove(chatId, "generation-3"))).toMatchObject({
      waiting: [{ prompt: "Three" }],
    });
    expect(await done(chats.queue.resume(chatId))).toMatchObject({ is_paused: false });
    const gone: FrameStreamError = await done(chats.queue.remove(chatId, "generation-3")).catch(
      (error) => error,
    );
    expect(gone.code).toBe("not_found");
  });

  test("delete a chat although the first reply was lost", async () => {
    const { world, device, chats, chatId } = await asked();
    const deleting = chats.delete(chatId);
    await world.clock.advance(15);
    device.goAway();
    await world.clock.advance(1000);
    device.comeBack();
    await world.clock.advance(2000);

    await expect(deleting).resolves.toBeUndefined();
    await expect(Promise.all([chats.delete(chatId), world.clock.advance(2000)])).rejects.toThrow("not_found");
  });

  test("repeat neither a prompt over the budget nor one in a busy chat", async () => {
    const { device, chatId, done } = await asked();
    const resets_at = "2026-12-01T00:00:00Z";
    device.refusals.push(new Problem(429, "budget_exceeded", { retry_after: 9, resets_at, limit: "month" }));
    const refused = device.client.generate({ chatId, prompt: "More" }).accepted;
    await expect(done(refused)).rejects.toMatchObject({
      ...{ code: "budget_exceeded", retryable: false, retryAfter: 9000 },
      ...{ resetsAt: Date.parse(resets_at), limit: "month" },
    });

    device.refusals.push(new Problem(409, "busy", { generation_id: "other" }));
    const busy = device.client.regenerate("generation-1", { chatId }).accepted;
    await expect(done(busy)).rejects.toMatchObject({ code: "busy", generationId: "other" });
    expect(device.requests.filter(({ body }) => body?.prompt === "More")).toHaveLength(1);
  });

  test("tell what the acceptance of a prompt made of its chat", async () => {
    const { device, chatId, done } = await asked();
    const generation = device.client.regenerate("generation-1", { chatId });

    expect(await done(generation.acceptance)).toMatchObject({
      message_id: "question-generation-1",
      chat_version: 3,
    });
    expect(await done(device.client.follow(generation.id!).acceptance)).toBeNull();
  });
});
