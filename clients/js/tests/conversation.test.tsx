// @vitest-environment happy-dom
import { act, cleanup, configure, render, screen, waitFor } from "@testing-library/react";
import { StrictMode, type ReactNode } from "react";
import { afterEach, describe, expect, test } from "vitest";
import type { FrameStreamClient } from "../src/index.ts";
import { canRegenerate, useFrameStream, type ChatMessage, type FrameStream } from "../src/react.ts";
import { client, pause, server, until } from "./support/client.ts";
import type { FakeServer } from "./support/server.ts";

configure({ asyncUtilTimeout: 12_000 });
afterEach(cleanup);

let chat: FrameStream;

interface Showing {
  of: FrameStreamClient;
  chatId?: string;
  messages?: ChatMessage[];
  label?: string;
}

function Chat({ of, chatId = "otters", messages, label = "chat" }: Showing) {
  chat = useFrameStream({ client: of, chatId, smooth: false, ...(messages && { messages }) });
  return (
    <ol aria-label={label}>
      {chat.messages.map(({ id, role, text, status }) => (
        <li key={id}>{`${role}/${status}: ${text}`}</li>
      ))}
    </ol>
  );
}

const strict = (page: ReactNode) => <StrictMode>{page}</StrictMode>;
const items = (label = "chat") =>
  [...screen.getByRole("list", { name: label }).children].map(({ textContent }) => textContent);
const showing = (...expected: string[]) => waitFor(() => expect(items()).toEqual(expected));

/** Send a prompt and begin its answer; its id. */
async function ask(to: FakeServer, prompt = "Tell me"): Promise<string> {
  const id = new Promise<string>((resolve) => (to.onPrompt = resolve));
  act(() => chat.send(prompt));
  await waitFor(() => expect(chat.phase).toBe("open"));
  to.begin(await id);
  return id;
}

function finish(to: FakeServer, id: string, text = "Otters") {
  to.write(id, text);
  to.complete(id);
}

/** Another tab asks, and its answer has begun. */
async function askElsewhere(to: FakeServer, chatId = "otters"): Promise<string> {
  const id = await client(to).generate({ chatId, prompt: "Asked elsewhere" }).accepted;
  to.begin(id);
  return id;
}

const done = (to: FakeServer, text = "Otters") =>
  (to.onPrompt = (id) => {
    to.begin(id);
    finish(to, id, text);
  });

const answer = (change: Partial<ChatMessage>): ChatMessage => ({
  ...{ id: "a", role: "assistant", text: "Otters", status: "completed", generationId: "generation-a" },
  ...change,
});
const prompt = (change: Partial<ChatMessage> = {}): ChatMessage => ({
  ...{ id: "q", role: "user", text: "Tell me", status: "completed", generationId: null },
  ...change,
});

describe("an answer that is being written is shown again", () => {
  test("when its page is left and shown again", async () => {
    const to = await server();
    const of = client(to);
    const page = render(strict(<Chat of={of} />));
    const id = await ask(to);
    to.write(id, "Ot");
    await showing("user/completed: Tell me", "assistant/streaming: Ot");

    page.rerender(strict(<p>Elsewhere</p>));
    to.write(id, "te");
    await pause(600); // The socket of a page without an answer would be closed by now.
    page.rerender(strict(<Chat of={of} />));

    await showing("user/completed: Tell me", "assistant/streaming: Otte");
    finish(to, id, "rs");
    await showing("user/completed: Tell me", "assistant/completed: Otters");
  });

  test("when it ended while its page was left", async () => {
    const to = await server();
    const of = client(to);
    const page = render(strict(<Chat of={of} />));
    const id = await ask(to);

    page.rerender(strict(<p>Elsewhere</p>));
    finish(to, id);
    await pause(700);
    page.rerender(strict(<Chat of={of} />));

    await showing("user/completed: Tell me", "assistant/completed: Otters");
  });

  test("when another chat was shown meanwhile, in the same component", async () => {
    const to = await server();
    const of = client(to);
    const page = render(strict(<Chat of={of} />));
    const id = await ask(to);

    page.rerender(strict(<Chat of={of} chatId="cats" />));
    await showing();
    to.write(id, "Ot");
    page.rerender(strict(<Chat of={of} chatId="otters" />));

    await showing("user/completed: Tell me", "assistant/streaming: Ot");
  });

  test("when another tab asked for it in a chat that is not shown", async () => {
    const to = await server();
    const of = client(to);
    const page = render(strict(<Chat of={of} chatId="cats" />));
    await waitFor(() => expect(chat.phase).toBe("open"));
    const id = await askElsewhere(to);
    to.write(id, "Ot");
    await until(() => of.generations("otters")[0]?.text === "Ot");

    page.rerender(strict(<Chat of={of} chatId="otters" />));

    await showing("assistant/streaming: Ot");
  });

  test.each(["before", "after"])("when the client was asked %s a component showed the chat", async (when) => {
    const to = await server();
    const of = client(to);
    if (when === "after") render(strict(<Chat of={of} />));
    const id = await of.generate({ chatId: "otters", prompt: "Tell me" }).accepted;
    await until(() => of.phase === "open");
    to.begin(id);
    to.write(id, "Ot");
    if (when === "before") render(strict(<Chat of={of} />));

    await showing("assistant/streaming: Ot");
  });

  test("when the client was closed, and is used again", async () => {
    const to = await server();
    const of = client(to);
    const page = render(strict(<Chat of={of} />));
    const id = await ask(to);
    to.write(id, "Ot");
    await showing("user/completed: Tell me", "assistant/streaming: Ot");

    page.rerender(strict(<p>Elsewhere</p>));
    of.close();
    page.rerender(strict(<Chat of={of} />));
    await waitFor(() => expect(chat.phase).toBe("open"));
    finish(to, id, "ters");

    await showing("user/completed: Tell me", "assistant/completed: Otters");
  });

  test("but not if another tab stopped it before it began", async () => {
    const to = await server();
    render(strict(<Chat of={client(to)} />));
    await waitFor(() => expect(chat.phase).toBe("open"));
    const there = client(to).generate({ chatId: "otters", prompt: "Tell me" });
    to.begin(await there.accepted);
    await showing("assistant/thinking: ");

    await there.cancel();

    await showing();
  });

  test("but not what ended before, when the application brings what was said", async () => {
    const to = await server();
    const of = client(to);
    done(to);
    await of.generate({ chatId: "otters", prompt: "Tell me" }).result;

    render(strict(<Chat of={of} messages={[prompt(), answer({ generationId: null })]} />));
    await waitFor(() => expect(chat.phase).toBe("open"));

    await showing("user/completed: Tell me", "assistant/completed: Otters");
  });
});

describe("one chat in two components", () => {
  test("is the same in both", async () => {
    const to = await server();
    const of = client(to);
    render(
      strict(
        <>
          <Chat of={of} label="left" />
          <Chat of={of} label="right" />
        </>,
      ),
    );
    finish(to, await ask(to));

    const expected = ["user/completed: Tell me", "assistant/completed: Otters"];
    await waitFor(() => expect([items("left"), items("right")]).toEqual([expected, expected]));
    expect(to.sockets.size).toBe(1);
  });

  test("has what either of them brings along", async () => {
    const to = await server();
    const of = client(to);
    render(
      strict(
        <>
          <Chat of={of} label="left" />
          <Chat of={of} messages={[prompt(), answer({})]} label="right" />
        </>,
      ),
    );

    const expected = ["user/completed: Tell me", "assistant/completed: Otters"];
    await waitFor(() => expect([items("left"), items("right")]).toEqual([expected, expected]));
  });

  test("is not shared by two users", async () => {
    const to = await server();
    render(strict(<Chat of={client(to)} label="left" />));
    render(strict(<Chat of={client(to)} label="right" />));
    await ask(to);

    await waitFor(() => expect(items("right")).toHaveLength(2));
    expect(items("left").map((item) => item?.split("/")[0])).not.toContain("user");
  });
});

describe("what is stored and brought along", () => {
  test("is not doubled by what is still known, whatever ids it was stored with", async () => {
    const to = await server();
    const of = client(to);
    const page = render(strict(<Chat of={of} />));
    finish(to, await ask(to));
    await showing("user/completed: Tell me", "assistant/completed: Otters");

    page.rerender(strict(<p>Elsewhere</p>));
    const stored = [prompt({ id: "row 1" }), answer({ id: "row 2", generationId: null })];
    page.rerender(strict(<Chat of={of} messages={stored} />));

    await showing("user/completed: Tell me", "assistant/completed: Otters");
  });

  test("does not bring back an answer that was replaced", async () => {
    const to = await server();
    const of = client(to);
    const page = render(strict(<Chat of={of} />));
    finish(to, await ask(to), "Cats");
    await showing("user/completed: Tell me", "assistant/completed: Cats");
    const stored = [...chat.messages];
    done(to);
    act(() => chat.regenerate());
    await showing("user/completed: Tell me", "assistant/completed: Otters");

    page.rerender(strict(<p>Elsewhere</p>));
    page.rerender(strict(<Chat of={of} messages={stored} />));

    await showing("user/completed: Tell me", "assistant/completed: Otters");
  });

  test("and was cut off by a connection is looked up", async () => {
    const to = await server();
    done(to);
    const generationId = await client(to).generate({ chatId: "otters", prompt: "Tell me" }).accepted;
    const error = { message: "", code: "not_connected", retryable: true, retryAt: null };

    render(
      strict(
        <Chat of={client(to)} messages={[answer({ status: "failed", generationId, text: "Ot", error })]} />,
      ),
    );

    await showing("assistant/completed: Otters");
  });

  test("and was never sent nor has its prompt fails with that reason", async () => {
    const to = await server();

    render(
      strict(
        <Chat of={client(to)} messages={[answer({ status: "queued", generationId: null, text: "" })]} />,
      ),
    );

    await showing("assistant/failed: ");
    expect(chat.messages[0]!.error).toMatchObject({ code: "not_sent" });
  });
});

describe("asking again", () => {
  test("is about the message it stands at, in its place", async () => {
    const to = await server();
    render(strict(<Chat of={client(to)} />));
    finish(to, await ask(to, "First"), "One");
    await waitFor(() => expect(items()).toHaveLength(2));
    finish(to, await ask(to, "Second"), "Two");
    await waitFor(() => expect(items()[3]).toBe("assistant/completed: Two"));
    done(to, "One, again");

    act(() => chat.regenerate(chat.messages[1]!.id));

    await waitFor(() => expect(items()[1]).toBe("assistant/completed: One, again"));
    expect(items()[3]).toBe("assistant/completed: Two");
    expect(to.requests.filter(({ key }) => key).at(-1)?.body).toMatchObject({ prompt: "First" });
  });

  test("leaves alone what another tab asked, whose prompt is not known here", async () => {
    const to = await server();
    render(strict(<Chat of={client(to)} />));
    finish(to, await ask(to));
    finish(to, await askElsewhere(to), "Cats");
    await showing("user/completed: Tell me", "assistant/completed: Otters", "assistant/completed: Cats");

    expect(chat.messages.map(canRegenerate)).toEqual([false, true, false]);
    act(() => chat.regenerate());
    await pause(50);

    expect(to.answers.size).toBe(2);
    expect(items()[2]).toBe("assistant/completed: Cats");
  });

  test("knows the prompts of messages that were stored without them, unless another answer came between", () => {
    const stored = [prompt(), answer({ id: "1" }), answer({ id: "2", generationId: "other" })];

    render(strict(<Chat of={idle()} messages={stored} />));

    expect(chat.messages.map(({ prompt }) => prompt)).toEqual([undefined, "Tell me", null]);
  });

  test("is not possible while the answer is being written", async () => {
    const to = await server();
    render(strict(<Chat of={client(to)} />));
    await ask(to);

    act(() => chat.regenerate());

    expect(canRegenerate(chat.messages[1])).toBe(false);
    expect(to.answers.size).toBe(1);
  });

  test("takes the model that is chosen now", async () => {
    const to = await server();
    const of = client(to);
    function Choosing({ model }: { model: string }) {
      chat = useFrameStream({ client: of, chatId: "otters", model });
      return null;
    }
    const page = render(strict(<Choosing model="small" />));
    page.rerender(strict(<Choosing model="large" />));

    await ask(to);

    expect(to.requests.find(({ key }) => key)?.body).toMatchObject({ model: "large" });
  });
});

describe("a failure", () => {
  test("is the message's own, and is gone when that is asked again", async () => {
    const to = await server();
    render(strict(<Chat of={client(to)} />));
    to.fail(await ask(to, "First"));
    await waitFor(() => expect(chat.messages[1]!.error?.code).toBe("llm_unavailable"));
    finish(to, await ask(to, "Second"));
    await waitFor(() => expect(chat.messages[3]!.status).toBe("completed"));
    expect(chat.messages[1]!.error).toMatchObject({ message: "The model does not answer.", retryable: true });
    done(to);

    act(() => chat.regenerate(chat.messages[1]!.id));

    await waitFor(() => expect(chat.messages[1]).toMatchObject({ status: "completed", error: null }));
  });

  test("of a prompt that may have been accepted unheard is tried again by the same name", async () => {
    const to = await server();
    to.lostReplies = 1;
    const error = { message: "", code: "unreachable", retryable: true, retryAt: null };
    const stored = [prompt(), answer({ status: "failed", generationId: null, text: "", error })];
    render(strict(<Chat of={client(to)} messages={stored} />));
    done(to);

    act(() => chat.regenerate());

    await showing("user/completed: Tell me", "assistant/completed: Otters");
    expect(to.answers.size).toBe(1);
    expect(new Set(to.requests.flatMap(({ key }) => key ?? []))).toEqual(new Set(["a"]));
  });
});

describe("the socket", () => {
  test("is closed when the last component that shows a chat is gone, and opened for the next", async () => {
    const to = await server();
    const of = client(to);
    const page = render(strict(<Chat of={of} />));
    await waitFor(() => expect(to.sockets.size).toBe(1));

    page.unmount();
    await waitFor(() => expect(to.sockets.size).toBe(0), { timeout: 3000 });
    render(strict(<Chat of={of} />));

    await waitFor(() => expect(to.sockets.size).toBe(1));
  });

  test("stays for an answer that is being written, and no longer", async () => {
    const to = await server();
    const page = render(strict(<Chat of={client(to)} />));
    const id = await ask(to);

    page.unmount();
    await pause(800);
    expect(to.sockets.size).toBe(1);
    finish(to, id);

    await waitFor(() => expect(to.sockets.size).toBe(0), { timeout: 3000 });
  });

  test("stays if the application opened it itself", async () => {
    const to = await server();
    const of = client(to);
    of.connect();
    render(strict(<Chat of={of} />)).unmount();
    await pause(800);

    expect(to.sockets.size).toBe(1);
  });

  test("of a client that was replaced is closed, however often that happens", async () => {
    const to = await server();
    const page = render(strict(<Chat of={client(to)} />));
    for (let reload = 0; reload < 4; reload++) {
      await waitFor(() => expect(to.sockets.size).toBe(1));
      page.rerender(strict(<Chat of={client(to)} />));
    }

    await waitFor(() => expect(chat.phase).toBe("open"));
    await waitFor(() => expect(to.sockets.size).toBe(1));
  });

  test("of a client that was replaced in the middle of an answer is closed at once", async () => {
    const to = await server();
    const before = client(to);
    const page = render(strict(<Chat of={before} />));
    const id = await ask(to);
    to.write(id, "Ot");

    page.rerender(strict(<Chat of={client(to)} />));

    await showing("assistant/streaming: Ot");
    expect(before.phase).toBe("closed");
    await waitFor(() => expect(to.sockets.size).toBe(1));
  });

  test("of a client that another component still shows stays", async () => {
    const to = await server();
    const before = client(to);
    render(strict(<Chat of={before} label="other" />));
    const page = render(strict(<Chat of={before} />));
    page.rerender(strict(<Chat of={client(to)} />));
    await pause(800);

    expect(before.phase).toBe("open");
  });
});

/** A client of a server that is not there. */
function idle(): FrameStreamClient {
  return client({ url: "http://127.0.0.1:9" } as FakeServer);
}
