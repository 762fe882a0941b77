// @vitest-environment happy-dom
import { act, cleanup, configure, render, waitFor } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import type { FrameStreamClient } from "../src/index.ts";
import { useFrameStream, useParts, type ChatMessage, type FrameStream } from "../src/react.ts";
import { STEPS, WHOLE } from "./support/answer-in-parts.ts";
import { client, server } from "./support/client.ts";

configure({ asyncUtilTimeout: 12_000 });
afterEach(cleanup);

test.each([true, false])(
  "a component shows the parts of an answer as they come (smooth: %s)",
  async (smooth) => {
    const to = await server();
    const by = client(to);
    const asked = new Promise<string>((resolve) => (to.onPrompt = resolve));
    let chat!: FrameStream;
    function Page() {
      chat = useFrameStream({ client: by, chatId: "otters", smooth });
      return null;
    }
    render(<Page />);
    act(() => chat.send("Tell me"));
    const id = await asked;
    await waitFor(() => expect(by.phase).toBe("open"));
    to.begin(id);
    STEPS[0]!(to, id);
    const answer = () => chat.messages.at(-1)!;

    await waitFor(() => expect(answer().parts).toEqual([{ ...WHOLE[0], text: "An otter 🦦 " }]));
    expect(answer()).toMatchObject({ text: "", status: "thinking", hasParts: true });
    for (const step of STEPS.slice(1)) step(to, id);
    await waitFor(() => expect(answer().text).toBe("Otters hold 🦦 hands."));
    to.complete(id);

    await waitFor(() => expect(answer()).toMatchObject({ status: "completed", parts: WHOLE }));
  },
);

test("an answer that is only text has none", async () => {
  const to = await server();
  to.onPrompt = (id) => (to.begin(id), to.write(id, "Otters"), to.complete(id));
  let chat!: FrameStream;
  const by = client(to);
  function Page() {
    chat = useFrameStream({ client: by, chatId: "otters", smooth: false });
    return null;
  }
  render(<Page />);
  act(() => chat.send("Tell me"));

  await waitFor(() => expect(chat.messages.at(-1)).toMatchObject({ status: "completed", text: "Otters" }));
  expect(chat.messages.at(-1)).not.toHaveProperty("parts");
});

test.each([
  ["that are on the server are read once", { hasParts: true }, 1, WHOLE],
  ["that were received are not read", { hasParts: true, parts: WHOLE.slice(0, 1) }, 0, WHOLE.slice(0, 1)],
  ["of an answer without any are its text", {}, 0, [{ index: 0, kind: "text", text: "Otters" }]],
])("parts %s", async (_how, has, reads, shown) => {
  let calls = 0;
  const kept = { parts: async () => (calls++, WHOLE) } as unknown as FrameStreamClient;
  const names = {
    id: "a",
    role: "assistant",
    text: "Otters",
    status: "completed",
    generationId: "g",
  } as const;
  let parts: unknown;
  function Answer({ message }: { message: ChatMessage }) {
    parts = useParts(kept, message);
    return null;
  }
  const { rerender } = render(<Answer message={{ ...names, ...(has as object) }} />);
  rerender(<Answer message={{ ...names, ...(has as object) }} />);

  await waitFor(() => expect(parts).toEqual(shown));
  expect(calls).toBe(reads);
});

test("parts that cannot be read leave the text", async () => {
  const kept = { parts: () => Promise.reject(new Error("gone")) } as unknown as FrameStreamClient;
  const message = { id: "a", role: "assistant", text: "Otters", status: "completed" } as const;
  let parts: unknown;
  function Answer() {
    parts = useParts(kept, { ...message, generationId: "g", hasParts: true });
    return null;
  }
  render(<Answer />);
  await act(async () => {});

  expect(parts).toEqual([{ index: 0, kind: "text", text: "Otters" }]);
});
