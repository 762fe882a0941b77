// @vitest-environment happy-dom
import { Chat, useChat } from "@ai-sdk/react";
import { act, cleanup, render, waitFor } from "@testing-library/react";
import type { UIMessage } from "ai";
import { StrictMode } from "react";
import { afterEach, beforeEach, expect, test } from "vitest";
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
