// @vitest-environment happy-dom
import { Chat, useChat } from "@ai-sdk/react";
import { act, cleanup, render, waitFor } from "@testing-library/react";
import type { UIMessage } from "ai";
import { StrictMode } from "react";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { FrameStreamChatTransport } from "../src/ai-sdk.ts";
import type { FrameStreamClient } from "../src/index.ts";
import { client, pause, server, until } from "./support/client.ts";
import type { FakeServer } from "./support/server.ts";

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
      await pause(20);
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
