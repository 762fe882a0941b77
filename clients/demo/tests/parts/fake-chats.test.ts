/** The fake server's queue pauses and goes on as the real one's does. */

import { beforeEach, describe, expect, test } from "vitest";
import { FakeChats } from "../support/fake-chats.ts";

interface Told {
  event: string;
  position?: number;
}

describe("a chat with two prompts that wait", () => {
  let told: Told[];
  let started: string[];
  let chats: FakeChats;
  let running: string;
  let waiting: string[];
  const ask = (prompt: string) =>
    chats.ask({ chatId: "c", prompt }) as { generation_id: string; waits: boolean };
  const queue = () => chats.messages("c", 0)!.queue;
  const stop = () => chats.end("c", running, { status: "cancelled" });
  const turn = () => new Promise((resolve) => setTimeout(resolve, 5));

  beforeEach(() => {
    told = [];
    started = [];
    chats = new FakeChats(
      (message) => told.push(message as Told),
      (_chat, _generation, prompt) => started.push(prompt),
    );
    running = ask("one").generation_id;
    waiting = [ask("two"), ask("three")].map(({ generation_id }) => generation_id);
  });

  test("says where each of them stands", () => {
    expect(told.filter(({ event }) => event === "queued").map(({ position }) => position)).toEqual([0, 1]);
  });

  test("begins the next one when an answer has ended", async () => {
    chats.end("c", running, { status: "completed" });
    await turn();

    expect(started).toEqual(["one", "two"]);
    expect(queue()).toMatchObject({ is_paused: false, waiting: [{ generation_id: waiting[1] }] });
  });

  test("pauses when an answer is stopped, until that is resumed", async () => {
    stop();
    await turn();
    expect(started).toEqual(["one"]);
    expect(queue().is_paused).toBe(true);

    chats.changeQueue("c", "", "resume");
    await turn();
    expect(started).toEqual(["one", "two"]);
    expect(queue().is_paused).toBe(false);
  });

  test("answers what is asked while it is paused at once, and stays paused after it", async () => {
    stop();
    const asked = ask("four");
    chats.end("c", asked.generation_id, { status: "completed" });
    await turn();

    expect(asked.waits).toBe(false);
    expect(started).toEqual(["one", "four"]);
    expect(queue()).toMatchObject({ is_paused: true, waiting: [{}, {}] });
  });

  test("is paused no more once nothing waits", async () => {
    stop();
    chats.changeQueue("c", waiting[0]!, "remove");
    expect(queue().is_paused).toBe(true);
    chats.leave(waiting[1]!);

    expect(queue()).toEqual({ is_paused: false, waiting: [] });
    expect(chats.list()[0]!.waiting).toBe(0);
  });

  test("has nothing to resume while it is not paused", async () => {
    const before = told.length;
    chats.changeQueue("c", "", "resume");
    await turn();

    expect(told.length).toBe(before);
    expect(started).toEqual(["one"]);
  });
});
