import { describe, expect, test } from "vitest";
import { ChatList } from "../src/chat-list.ts";
import { ChatWorld, type Device } from "./support/chat-world.ts";

/** Two devices, of which one has asked in these chats, and the other lists them. */
async function listing(...chatIds: string[]) {
  const world = new ChatWorld();
  const [here, there] = [world.device(), world.device()];
  const list = new ChatList(there.client, { limit: 2 });
  const stop = list.join();
  await world.clock.advance(1000);
  for (const chatId of chatIds) await ask(world, here, chatId);
  const names = () => list.state().chats.map(({ chat_id, title }) => `${chat_id}: ${title}`);
  const reads = () => there.requests.filter(({ path }) => path.startsWith("chats?")).length;
  return { world, here, there, list, names, reads, stop };
}

async function ask({ clock }: ChatWorld, by: Device, chatId: string): Promise<void> {
  void by.client.generate({ chatId, prompt: `About ${chatId}` });
  await clock.advance(2000);
}

describe("the list of chats", () => {
  test("has new chats first, wherever they began", async () => {
    const { names, list } = await listing("otters", "cats");

    expect(names()).toEqual(["cats: About cats", "otters: About otters"]);
    expect(list.state()).toMatchObject({ isLoaded: true, hasMore: false, error: null });
  });

  test("moves a chat up that is asked in, and says which ones are being answered", async () => {
    const { world, here, names, list, reads } = await listing("otters", "cats");
    const before = reads();
    void here.client.generate({ chatId: "otters", prompt: "More" });
    await world.clock.advance(150);

    expect(names()[0]).toBe("otters: About otters");
    expect(list.state().chats.map(({ running }) => running)).toEqual(["generation-3", null]);
    await world.clock.advance(2000);
    expect(list.state().chats[0]).toMatchObject({ running: null, leaf_id: "generation-3" });
    expect(reads()).toBe(before);
  });

  test("has titles and deletions of other devices", async () => {
    const { world, here, names } = await listing("otters", "cats");
    await Promise.all([here.client.chats.rename("otters", "Rivers"), world.clock.advance(500)]);
    expect(names()).toEqual(["otters: Rivers", "cats: About cats"]);

    await Promise.all([here.client.chats.delete("otters"), world.clock.advance(500)]);
    expect(names()).toEqual(["cats: About cats"]);
  });

  test("reads older ones when they are asked for, and keeps them", async () => {
    const { world, here, there } = await listing("a", "b", "c");
    const list = new ChatList(there.client, { limit: 2 });
    const names = () => list.state().chats.map(({ chat_id, title }) => `${chat_id}: ${title}`);
    list.join();
    await world.clock.advance(1000);
    expect(list.state()).toMatchObject({ hasMore: true, chats: [{ chat_id: "c" }, { chat_id: "b" }] });
    await Promise.all([list.more(), world.clock.advance(500)]);
    expect(names()).toEqual(["c: About c", "b: About b", "a: About a"]);

    await ask(world, here, "d");
    expect(names()).toEqual(["d: About d", "c: About c", "b: About b", "a: About a"]);
  });

  test("is right again after the device was away", async () => {
    const { world, here, there, names } = await listing("otters");
    there.goAway();
    await world.clock.advance(1000);
    await ask(world, here, "cats");
    there.comeBack();
    await world.clock.advance(5000);

    expect(names()).toEqual(["cats: About cats", "otters: About otters"]);
  });
});
