import { Chat } from "@ai-sdk/react";
import type { UIMessage } from "ai";
import { describe, expect, test } from "vitest";
import { FrameStreamChatTransport, historyOf } from "../src/ai-sdk.ts";
import type { FrameStreamClient } from "../src/index.ts";
import { STEPS, WHOLE as PARTS } from "./support/answer-in-parts.ts";
import { client, pause, server, until } from "./support/client.ts";

/** What of a part does not depend on how often the answer began anew. */
function plain(message: UIMessage | undefined): unknown[] {
  return (message?.parts ?? [])
    .filter(({ type }) => type !== "step-start")
    .map((part) => {
      const { type, text, url, title, data, providerMetadata } = part as any;
      return JSON.parse(JSON.stringify({ type, text, url, title, data, providerMetadata }));
    });
}

const WHOLE = [
  { type: "reasoning", text: "An otter 🦦 lives in water." },
  { type: "text", text: "Otters " },
  { type: "source-url", url: "https://otters.example", title: "Otters" },
  { type: "text", text: "hold 🦦 " },
  { type: "reasoning", text: "Do they?" },
  { type: "text", text: "hands." },
  {
    type: "source-url",
    url: "https://hands.example",
    providerMetadata: { framestream: { snippet: "Hands" } },
  },
  { type: "data-mood", data: { calm: true } },
];

async function chatting() {
  const to = await server();
  const by = client(to);
  const asked = new Promise<string>((resolve) => (to.onPrompt = resolve));
  const chat = new Chat({
    id: "otters",
    transport: new FrameStreamChatTransport({ client: by, memory: null }),
  });
  const sending = chat.sendMessage({ text: "Tell me about otters" });
  const id = await asked;
  await until(() => by.phase === "open");
  to.begin(id);
  return { to, by, chat, sending, id };
}

describe("an answer in parts, in a chat of the AI SDK", () => {
  test("has the SDK's own parts, one for each, as they come", async () => {
    const { to, chat, sending, id } = await chatting();
    for (const [at, step] of STEPS.entries()) {
      step(to, id);
      await until(() => plain(chat.lastMessage).length === [1, 1, 2, 3, 4, 5, 6, 7, 8][at]);
    }
    to.complete(id);
    await sending;

    expect(plain(chat.lastMessage)).toEqual(WHOLE);
    expect(chat.status).toBe("ready");
    const states = chat.lastMessage!.parts.map((part) => (part as { state?: string }).state ?? "done");
    expect(new Set(states)).toEqual(new Set(["done"]));
  });

  test("is the same after twenty cuts of the socket, each at another moment", async () => {
    const { to, by, chat, sending, id } = await chatting();
    let cuts = 0;
    for (let round = 0; cuts < 20; round++) {
      const step = STEPS[round];
      step?.(to, id);
      for (const at of [0, 2, 7]) {
        if (cuts === 20) break;
        await pause(at);
        to.drop();
        cuts++;
        if (at) await until(() => by.phase === "open");
      }
    }
    for (const step of STEPS.slice(7)) step(to, id);
    to.complete(id);
    await sending;

    expect(cuts).toBe(20);
    expect(plain(chat.lastMessage)).toEqual(WHOLE);
  });

  test("begins anew with another attempt, without what was before", async () => {
    const { to, chat, sending, id } = await chatting();
    for (const step of STEPS.slice(0, 4)) step(to, id);
    await until(() => plain(chat.lastMessage).length === 3);
    to.begin(id);
    for (const step of STEPS) step(to, id);
    to.complete(id);
    await sending;

    expect(plain(chat.lastMessage)).toEqual(WHOLE);
  });

  test("keeps what there is if it is stopped while the model reasons", async () => {
    const { to, chat, sending, id } = await chatting();
    STEPS[0]!(to, id);
    await until(() => plain(chat.lastMessage).length === 1);
    await chat.stop();
    await sending;

    expect(plain(chat.lastMessage)).toEqual([{ type: "reasoning", text: "An otter 🦦 " }]);
    await until(() => to.answers.get(id)!.status === "cancelled");
  });

  test("resumes with all of its parts", async () => {
    const { to, by, id } = await chatting();
    for (const step of STEPS.slice(0, 5)) step(to, id);
    const there = new Chat({
      id: "otters",
      transport: new FrameStreamChatTransport({ client: by, memory: null }),
    });
    const resuming = there.resumeStream();
    await until(() => plain(there.lastMessage).length === 4);
    for (const step of STEPS.slice(5)) step(to, id);
    to.complete(id);
    await resuming;

    expect(plain(there.lastMessage)).toEqual(WHOLE);
  });
});

test("the history of a chat has the parts of its answers, and asks only for those that have some", async () => {
  const [names, read] = [{ created_at: "", generation_id: "", number: 1 }, [] as string[]];
  const messages = [
    { ...names, message_id: "q1", parent_id: null, role: "user", text: "Tell me" },
    { ...names, message_id: "a1", parent_id: "q1", role: "assistant", text: "Otters", status: "completed" },
    { ...names, message_id: "q2", parent_id: "a1", role: "user", text: "More" },
    { ...names, message_id: "a2", parent_id: "q2", role: "assistant", text: "…", has_parts: true },
    { ...names, message_id: "q3", parent_id: "a2", role: "user", text: "More" },
    { ...names, message_id: "a3", parent_id: "q3", role: "assistant", text: "Gone", has_parts: true },
  ];
  const chat = { chat_id: "otters", title: "", version: 4, leaf_id: "a3", running: null };
  const queue = { is_paused: false, waiting: [] };
  const kept = {
    chats: { messages: async () => ({ chat, queue, messages, next_since: 4, has_more: false }) },
    parts: async (id: string) => {
      read.push(id);
      if (id === "a3") throw new Error("It is kept no longer.");
      return PARTS;
    },
  } as unknown as FrameStreamClient;

  const history = await historyOf(kept, "otters");

  expect(history.map(({ id }) => id)).toEqual(["q1", "a1", "q2", "a2", "q3", "a3"]);
  expect(plain(history[1])).toEqual([{ type: "text", text: "Otters" }]);
  expect(plain(history[3])).toEqual(WHOLE);
  expect(plain(history[5])).toEqual([{ type: "text", text: "Gone" }]);
  expect(read).toEqual(["a2", "a3"]);
});
