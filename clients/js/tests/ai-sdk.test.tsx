// @vitest-environment happy-dom
import { Chat, useChat } from "@ai-sdk/react";
import { act, cleanup, configure, render, waitFor } from "@testing-library/react";
import type { UIMessage } from "ai";
import { StrictMode } from "react";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { FrameStreamChatTransport, historyOf } from "../src/ai-sdk.ts";
import type { FrameStreamClient } from "../src/index.ts";
import { ChatWorld } from "./support/chat-world.ts";
import { client, pause, server, until } from "./support/client.ts";
import type { FakeServer } from "./support/server.ts";

configure({ asyncUtilTimeout: 12_000 });

beforeEach(() => localStorage.clear());
afterEach(cleanup);

const transport = (by: FrameStreamClient) => new FrameStreamChatTransport({ client: by });
const textOf = (message: UIMessage | undefined) =>
  message?.parts.map((part) => (part.type === "text" ? part.text : "")).join("");

/** A chat with a running answer, without any component. */
async function chatting(to: FakeServer) {
  const id = new Promise<string>((resolve) => (to.onPrompt = resolve));
  const chat = new Chat({ id: "otters", transport: transport(client(to)) });
  const sending = chat.sendMessage({ text: "Tell me about otters" });
  to.begin(await id);
  return { chat, sending, id: await id };
}

test("useChat streams", async () => {
  const to = await server();
  to.onPrompt = async (id) => {
    to.begin(id);
    for (const word of ["Otters ", "hold ", "hands 🦦"]) {
      to.write(id, word);
      await until(() => textOf(chat.messages[1])?.endsWith(word));
    }
    to.complete(id);
  };
  const by = client(to);
  let chat!: ReturnType<typeof useChat>;
  const statuses = new Set<string>();
  function Page() {
    chat = useChat({ id: "otters", transport: transport(by) });
    statuses.add(chat.status);
    return null;
  }
  render(<Page />);

  act(() => void chat.sendMessage({ text: "Tell me about otters" }));

  await waitFor(() => expect(textOf(chat.messages[1])).toBe("Otters hold hands 🦦"));
  await waitFor(() => expect(chat.status).toBe("ready"));
  expect(chat.messages.map(textOf)).toEqual(["Tell me about otters", "Otters hold hands 🦦"]);
  expect([...statuses]).toEqual(["ready", "submitted", "streaming"]);
  expect(to.requests.find(({ path }) => path.endsWith("generate-response"))?.body).toMatchObject({
    ...{ chat_id: "otters", prompt: "Tell me about otters", user_id: "user_1" },
  });
});

test("stopping cancels the answer, and keeps its text", async () => {
  const to = await server();
  const { chat, sending, id } = await chatting(to);
  to.write(id, "Ot");
  await until(() => textOf(chat.lastMessage) === "Ot");

  await chat.stop();
  await sending;

  expect(chat.status).toBe("ready");
  expect(textOf(chat.lastMessage)).toBe("Ot");
  await until(() => to.answers.get(id)!.status === "cancelled");
});

test("a second attempt takes the place of the first", async () => {
  const to = await server();
  const { chat, sending, id } = await chatting(to);
  to.write(id, "Cats");
  await until(() => textOf(chat.lastMessage) === "Cats");

  to.begin(id);
  to.write(id, "Otters");
  to.complete(id);
  await sending;

  expect(textOf(chat.lastMessage)).toBe("Otters");
});

test("a failure is the chat's error", async () => {
  const to = await server();
  const { chat, sending, id } = await chatting(to);

  to.fail(id);
  await sending;

  expect(chat.status).toBe("error");
  expect(chat.error?.message).toBe("The model does not answer.");
});

test("a reloaded page resumes, with the whole text once, also where React mounts twice", async () => {
  const to = await server();
  const { chat: before, id } = await chatting(to);
  to.write(id, "Ot");
  await until(() => textOf(before.lastMessage) === "Ot");

  const by = client(to);
  let chat!: ReturnType<typeof useChat>;
  function Page() {
    chat = useChat({ id: "otters", transport: transport(by), messages: before.messages, resume: true });
    return null;
  }
  render(
    <StrictMode>
      <Page />
    </StrictMode>,
  );
  await waitFor(() => expect(chat.status).toBe("streaming"));
  to.write(id, "ters");
  to.complete(id);

  await waitFor(() => expect(chat.status).toBe("ready"));
  expect(chat.messages.map(textOf)).toEqual(["Tell me about otters", "Otters"]);
  expect(to.answers.get(id)!.status).toBe("completed");
  expect(localStorage.length).toBe(0);
});

test("a chat that waits for nothing has nothing to resume", async () => {
  const to = await server();

  expect(await transport(client(to)).reconnectToStream({ chatId: "otters" })).toBeNull();
});

test("an answer that the server has forgotten is not resumed, and no error", async () => {
  const to = await server();
  localStorage.setItem("framestream:otters", "long-ago");
  const chat = new Chat({ id: "otters", transport: transport(client(to)) });

  await chat.resumeStream();

  expect(chat).toMatchObject({ status: "ready", error: undefined, messages: [] });
  expect(localStorage.length).toBe(0);
});

test("stopping before the prompt was accepted ends the chat's waiting at once", async () => {
  const to = await server();
  const chat = new Chat({ id: "otters", transport: transport(client(to, { getToken: () => never })) });
  const sending = chat.sendMessage({ text: "Tell me about otters" });

  await chat.stop();
  await sending;

  expect(chat).toMatchObject({ status: "ready", error: undefined });
});

const never = new Promise<string>(() => {});
const refuse = () => {
  throw new DOMException("The operation is insecure.", "SecurityError");
};
const full = () => {
  throw new DOMException("The quota has been exceeded.", "QuotaExceededError");
};

/** What a page may find in the place of its localStorage. */
const STORAGES: [string, PropertyDescriptor][] = [
  ["forbidden to look at", { get: refuse }],
  ["forbidden to use", { value: { getItem: refuse, setItem: refuse, removeItem: refuse } }],
  ["full", { value: { getItem: () => null, setItem: full, removeItem: () => {} } }],
  ["full, with an older answer in it", { value: { getItem: () => "old", setItem: full, removeItem: full } }],
  ["incomplete", { value: {} }],
  ["not there", { value: undefined }],
  ["null", { value: null }],
  ["silent", { value: { getItem: () => undefined, setItem: () => {}, removeItem: () => {} } }],
];

describe.each(STORAGES)("with storage that is %s", (_how, storage) => {
  beforeEach(() => {
    const whole = Object.getOwnPropertyDescriptor(globalThis, "localStorage")!;
    onTestFinished(() => void Object.defineProperty(globalThis, "localStorage", whole));
    Object.defineProperty(globalThis, "localStorage", { configurable: true, ...storage });
  });

  test("a chat streams to its end", async () => {
    const to = await server();
    const { chat, sending, id } = await chatting(to);

    to.write(id, "Otters");
    to.complete(id);
    await sending;

    expect(chat).toMatchObject({ status: "ready", error: undefined });
    expect(textOf(chat.lastMessage)).toBe("Otters");
  });

  test("a page can be rendered, with or without something to resume", async () => {
    const to = await server();
    const by = client(to);
    let chat!: ReturnType<typeof useChat>;
    function Page() {
      chat = useChat({ id: "otters", transport: transport(by), resume: true });
      return null;
    }
    render(<Page />);

    await waitFor(() => expect(chat.status).toBe("ready"));
    await pause(50);
    expect(chat.error).toBeUndefined();
  });
});

test("without storage, what the client knows to be written is resumed", async () => {
  const to = await server();
  const by = client(to);
  const id = await by.generate({ chatId: "otters", prompt: "Tell me" }).accepted;
  await until(() => by.phase === "open");
  to.begin(id);
  to.write(id, "Ot");
  const chat = new Chat({
    id: "otters",
    transport: new FrameStreamChatTransport({ client: by, memory: null }),
  });

  const resuming = chat.resumeStream();
  await until(() => textOf(chat.lastMessage) === "Ot");
  to.write(id, "ters");
  to.complete(id);
  await resuming;

  expect(textOf(chat.lastMessage)).toBe("Otters");
});

test("storage may take its time", async () => {
  const to = await server();
  const kept = new Map<string, string>();
  const memory = {
    getItem: async (key: string) => kept.get(key) ?? null,
    setItem: async (key: string, value: string) => void kept.set(key, value),
    removeItem: async (key: string) => void kept.delete(key),
  };
  to.onPrompt = (id) => {
    to.begin(id);
    to.write(id, "Otters");
    to.complete(id);
  };
  const chat = new Chat({
    id: "otters",
    transport: new FrameStreamChatTransport({ client: client(to), memory }),
  });
  const set = vi.spyOn(memory, "setItem");

  await chat.sendMessage({ text: "Tell me" });

  expect(textOf(chat.lastMessage)).toBe("Otters");
  expect(set).toHaveBeenCalledOnce();
  expect(kept.size).toBe(0);
});

describe("where the server records chats", () => {
  /** A device with a chat; and what passes enough time for anything to be done. */
  async function conversing() {
    const world = new ChatWorld();
    const device = world.device();
    const chat = new Chat({ id: "otters", transport: transport(device.client) });
    const done = async (doing: Promise<unknown>) => {
      await world.clock.advance(2000);
      await doing;
    };
    await done(chat.sendMessage({ text: "Tell me" }));
    const last = () => device.requests.findLast(({ method }) => method === "POST")!;
    return { world, device, chat, done, last };
  }

  test("only the new question is sent, after the answer that it follows", async () => {
    const { chat, done, last } = await conversing();
    await done(chat.sendMessage({ text: "And cats?" }));

    expect(last()).toMatchObject({
      path: "generate-response",
      body: { prompt: "And cats?", parent_id: "generation-1" },
    });
    expect(chat.messages.map(textOf)).toEqual(["Tell me", "Otters", "And cats?", "Otters"]);
  });

  test.each(["named", "unnamed"])(
    "an answer that is given again, %s, is another one to its question",
    async (how) => {
      const { chat, done, last } = await conversing();
      await done(chat.regenerate(how === "named" ? { messageId: "generation-1" } : {}));

      expect(last()).toMatchObject({ path: "generations/generation-1/regenerate" });
      expect(chat.messages.map(({ id }) => id).at(-1)).toBe("generation-2");
      expect(chat.messages.map(textOf)).toEqual(["Tell me", "Otters"]);
    },
  );

  test("after a reload the last answer can be given again", async () => {
    const { device, chat, done, last } = await conversing();
    const messages = chat.messages.map((message) => ({ ...message, id: `row ${message.id}` }));
    const reloaded = new Chat({ id: "otters", messages, transport: transport(device.client) });
    await done(reloaded.regenerate());

    expect(last()).toMatchObject({ path: "generations/generation-1/regenerate" });
    expect(textOf(reloaded.lastMessage)).toBe("Otters");
  });

  test("an edited question begins a branch at the answer before it", async () => {
    const { chat, done, last } = await conversing();
    await done(chat.sendMessage({ text: "And cats?" }));
    await done(chat.sendMessage({ text: "And dogs?", messageId: chat.messages[2]!.id }));

    expect(last().body).toMatchObject({ prompt: "And dogs?", parent_id: "generation-1" });
    await done(chat.sendMessage({ text: "Tell me more", messageId: chat.messages[0]!.id }));
    expect(last().body).toMatchObject({ prompt: "Tell me more", parent_id: "root" });
    expect(chat.messages.map(textOf)).toEqual(["Tell me more", "Otters"]);
  });

  test("a question after an answer that is not recorded follows the last one that is", async () => {
    const { device, done, last } = await conversing();
    const answer = { id: "0123456789abcdef0123456789abcdef", role: "assistant", parts: [] } as const;
    const chat = new Chat({
      id: "otters",
      messages: [{ ...answer, parts: [] }],
      transport: transport(device.client),
    });
    await done(chat.sendMessage({ text: "And cats?" }));

    expect(last().body).toEqual({ user_id: "user_1", chat_id: "otters", prompt: "And cats?" });
    expect(textOf(chat.lastMessage)).toBe("Otters");
  });

  test("the history is that of the server, and what runs is resumed on any device", async () => {
    const { world, device, chat, done } = await conversing();
    world.answering = () => 9000;
    void chat.sendMessage({ text: "And cats?" });
    await world.clock.advance(1000);
    localStorage.clear();
    const there = world.device();
    const reading = historyOf(there.client, "otters");
    await world.clock.advance(1000);
    const messages = await reading;
    expect(messages.map(textOf)).toEqual(["Tell me", "Otters", "And cats?"]);

    const resumed = new Chat({ id: "otters", messages, transport: transport(there.client) });
    const resuming = resumed.resumeStream();
    await world.clock.advance(20_000);
    await done(resuming);

    expect(textOf(resumed.lastMessage)).toBe("Otters");
    void device;
  });
});
