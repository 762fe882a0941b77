// @vitest-environment happy-dom
import { act, cleanup, configure, render, screen, waitFor } from "@testing-library/react";
import { StrictMode } from "react";
import { afterEach, expect, test, vi } from "vitest";
import type { FrameStreamClient } from "../src/index.ts";
import { useFrameStream, type ChatMessage, type FrameStream } from "../src/react.ts";
import { client, server, until } from "./support/client.ts";
import type { FakeServer } from "./support/server.ts";

configure({ asyncUtilTimeout: 12_000 });
afterEach(cleanup);

let chat: FrameStream;

function Page({ of, messages }: { of: FrameStreamClient; messages?: ChatMessage[] }) {
  chat = useFrameStream({ client: of, chatId: "otters", smooth: false, ...(messages && { messages }) });
  return (
    <ol data-status={chat.status}>
      {chat.messages.map(({ id, role, text, status }) => (
        <li key={id}>{`${role}/${status}: ${text}`}</li>
      ))}
    </ol>
  );
}

const show = (of: FrameStreamClient, messages?: ChatMessage[]) =>
  render(<StrictMode>{messages ? <Page of={of} messages={messages} /> : <Page of={of} />}</StrictMode>);
const items = () => screen.queryAllByRole("listitem").map(({ textContent }) => textContent);

/** Send a prompt and begin its answer; its id. */
async function ask(to: FakeServer): Promise<string> {
  const id = new Promise<string>((resolve) => (to.onPrompt = resolve));
  act(() => chat.send("Tell me"));
  await waitFor(() => expect(chat.phase).toBe("open"));
  to.begin(await id);
  return id;
}

test("a chat shows prompts and answers as they grow", async () => {
  const to = await server();
  show(client(to));
  const id = await ask(to);
  expect(chat.status).toBe("submitted");

  to.write(id, "Ot");
  await waitFor(() => expect(items()).toEqual(["user/completed: Tell me", "assistant/streaming: Ot"]));
  expect(chat.status).toBe("streaming");
  to.write(id, "ters");
  to.complete(id);

  await waitFor(() => expect(items()[1]).toBe("assistant/completed: Otters"));
  expect(chat).toMatchObject({ status: "ready", error: null, phase: "open" });
});

test("an answer can be stopped, and asked for again", async () => {
  const to = await server();
  show(client(to));
  const id = await ask(to);
  to.write(id, "Ot");
  await waitFor(() => expect(chat.status).toBe("streaming"));

  act(() => chat.stop());
  await waitFor(() => expect(items()[1]).toBe("assistant/cancelled: Ot"));
  to.onPrompt = (again) => {
    to.begin(again);
    to.write(again, "Otters");
    to.complete(again);
  };
  act(() => chat.regenerate());

  await waitFor(() => expect(items()).toEqual(["user/completed: Tell me", "assistant/completed: Otters"]));
});

test("a failure is shown, and keeps the text", async () => {
  const to = await server();
  show(client(to));
  const id = await ask(to);

  to.write(id, "Ot");
  to.fail(id);

  await waitFor(() => expect(chat.status).toBe("error"));
  expect(chat.error?.code).toBe("llm_unavailable");
  expect(items()[1]).toBe("assistant/failed: Ot");
});

test("an unfinished answer is taken up after a reload, once", async () => {
  const to = await server();
  const before = client(to);
  const id = await before.generate({ chatId: "otters", prompt: "Tell me" }).accepted;
  await until(() => before.phase === "open");
  to.begin(id);
  to.write(id, "Ot");

  show(client(to), [{ id: "1", role: "assistant", text: "O", status: "streaming", generationId: id }]);
  await waitFor(() => expect(items()).toEqual(["assistant/streaming: Ot"]));
  to.write(id, "ters");
  to.complete(id);

  await waitFor(() => expect(items()).toEqual(["assistant/completed: Otters"]));
});

test("a prompt that was not accepted before a reload is sent again, with its key", async () => {
  const to = await server();
  to.onPrompt = (id) => {
    to.begin(id);
    to.write(id, "Otters");
    to.complete(id);
  };

  show(client(to), [
    { id: "1", role: "user", text: "Tell me", status: "completed", generationId: null },
    { id: "2", role: "assistant", text: "", status: "queued", generationId: null },
  ]);

  await waitFor(() => expect(items()).toEqual(["user/completed: Tell me", "assistant/completed: Otters"]));
  expect(to.requests.filter(({ key }) => key)).toMatchObject([{ key: "2", body: { prompt: "Tell me" } }]);
});

test("an answer that another tab asked for is shown, unless it belongs to another chat", async () => {
  const to = await server();
  show(client(to));
  await waitFor(() => expect(chat.phase).toBe("open"));
  const there = client(to);
  to.onPrompt = vi.fn((id: string) => {
    to.begin(id);
    to.write(id, "Otters");
    to.complete(id);
  });

  await there.generate({ chatId: "cats", prompt: "Tell me" }).result;
  await there.generate({ chatId: "otters", prompt: "Tell me" }).result;

  await waitFor(() => expect(items()).toEqual(["assistant/completed: Otters"]));
});

test("the page learns in words and code why it is not let in", async () => {
  const to = await server();
  to.refusals.push(...Array.from({ length: 50 }, () => ({ status: 429, code: 4429 })));
  show(client(to));

  await waitFor(() => expect(chat).toMatchObject({ closeCode: 4429, phase: "waiting" }));
});
