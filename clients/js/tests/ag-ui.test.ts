import { EventType, randomUUID, verifyEvents, type BaseEvent, type Message } from "@ag-ui/client";
import { EventSchemas } from "@ag-ui/core/schemas";
import { lastValueFrom, toArray } from "rxjs";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { FrameStreamAgent, type FrameStreamAgentConfig } from "../src/ag-ui.ts";
import { STEPS } from "./support/answer-in-parts.ts";
import { ChatWorld } from "./support/chat-world.ts";
import { client, pause, server, until } from "./support/client.ts";

// AG-UI strips what it does not know from an event, and warns.
let warnings: ReturnType<typeof vi.spyOn>;
beforeEach(() => void (warnings = vi.spyOn(console, "warn")));
afterEach(() => {
  expect(warnings).not.toHaveBeenCalled();
  vi.restoreAllMocks();
});

const question = (content: string): Message => ({ id: randomUUID(), role: "user", content });

/** An agent that keeps its events, after their own schema. */
function agentOf(config: FrameStreamAgentConfig) {
  const agent = new FrameStreamAgent({ threadId: "otters", ...config });
  const events: BaseEvent[] = [];
  agent.subscribe({ onEvent: ({ event }) => void events.push(EventSchemas.parse(event) as BaseEvent) });
  return { agent, events, types: () => events.map(({ type }) => type) };
}

/** An agent whose question is being answered. */
async function asked(config: Partial<FrameStreamAgentConfig> = {}) {
  const to = await server();
  const by = client(to);
  const accepted = new Promise<string>((resolve) => (to.onPrompt = resolve));
  const told = agentOf({ client: by, ...config });
  told.agent.addMessage(question("Tell me about otters"));
  const running = told.agent.runAgent();
  const id = await accepted;
  await until(() => by.phase === "open");
  to.begin(id);
  return { to, by, id, running, ...told };
}

const plain = (messages: readonly Message[], id: string) =>
  messages.map((message) => [message.role, message.id.replace(id, "answer"), message.content]);

const WHOLE = [
  ["reasoning", "answer:0", "An otter 🦦 lives in water."],
  ["assistant", "answer", "Otters hold 🦦 "],
  ["reasoning", "answer:4", "Do they?"],
  ["assistant", "answer:5", "hands."],
];

const STATE = {
  sources: [
    { url: "https://otters.example", title: "Otters", snippet: null },
    { url: "https://hands.example", title: null, snippet: "Hands" },
  ],
  data: [{ name: "mood", value: { calm: true } }],
};

describe("a run", () => {
  test("streams text, as the events of AG-UI", async () => {
    const { to, agent, running, types, id } = await asked();
    to.write(id, "Otters ");
    await until(() => agent.messages.at(-1)?.content === "Otters ");
    to.write(id, "hold hands 🦦");
    to.complete(id);
    const { newMessages, result } = await running;

    expect(newMessages).toMatchObject([{ id, role: "assistant", content: "Otters hold hands 🦦" }]);
    expect(newMessages[0]!.metadata).toEqual({ framestream: { model: "fake", finishReason: "stop" } });
    expect(result).toMatchObject({ generationId: id, model: "fake", finishReason: "stop" });
    expect(types()).toEqual([
      ...["RUN_STARTED", "STATE_SNAPSHOT", "TEXT_MESSAGE_START", "TEXT_MESSAGE_CONTENT"],
      ...["TEXT_MESSAGE_CONTENT", "TEXT_MESSAGE_END", "STATE_DELTA", "RUN_FINISHED"],
    ]);
    expect(to.requests.find(({ path }) => path.endsWith("generate-response"))!.body).toMatchObject({
      ...{ chat_id: "otters", prompt: "Tell me about otters" },
    });
  });

  test("has reasoning as messages of its own, and sources and data in the agent's state", async () => {
    const { to, agent, running, id } = await asked({ initialState: { theme: "dark" } });
    for (const step of STEPS) step(to, id);
    to.complete(id);
    const { newMessages } = await running;

    expect(plain(newMessages, id)).toEqual(WHOLE);
    const framestream = { generationId: id, status: "completed", ...STATE };
    expect(agent.state).toEqual({ theme: "dark", framestream });
  });

  test("is the same after twenty cuts of the socket, each at another moment", async () => {
    const { to, by, running, id, agent } = await asked();
    let cuts = 0;
    for (let round = 0; cuts < 20; round++) {
      STEPS[round]?.(to, id);
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
    const { newMessages } = await running;

    expect(cuts).toBe(20);
    expect(plain(newMessages, id)).toEqual(WHOLE);
    expect(agent.state.framestream).toMatchObject(STATE);
  });

  test("begins anew if the model is asked again, without what was before", async () => {
    const { to, agent, running, id } = await asked();
    for (const step of STEPS.slice(0, 7)) step(to, id);
    await until(() => agent.messages.length === 5);
    to.begin(id);
    for (const step of STEPS) step(to, id);
    to.complete(id);
    await running;

    expect(plain(agent.messages.slice(1), id).toSorted()).toEqual(WHOLE.toSorted());
    expect(agent.state.framestream).toMatchObject(STATE);
  });

  test("can be aborted: the answer is cancelled, and keeps its text", async () => {
    const { to, agent, running, events, id } = await asked();
    to.write(id, "Ot");
    await until(() => agent.messages.at(-1)?.content === "Ot");
    agent.abortRun();
    await running;

    await until(() => to.answers.get(id)!.status === "cancelled");
    expect(events.at(-1)).toMatchObject({ type: "RUN_FINISHED", outcome: { type: "cancelled" } });
    expect(agent.messages.at(-1)).toMatchObject({ role: "assistant", content: "Ot" });
  });

  test("can be aborted before the server accepted it, and the next one runs", async () => {
    const to = await server();
    const never = new Promise<string>(() => {});
    const { agent, events } = agentOf({ client: client(to, { getToken: () => never }) });
    agent.addMessage(question("Tell me"));
    const running = agent.runAgent();
    agent.abortRun();
    await running;

    expect(events.at(-1)).toMatchObject({ type: "RUN_FINISHED", outcome: { type: "cancelled" } });
    expect(to.prompts()).toEqual([]);
    const other = agentOf({ client: client(to) });
    to.onPrompt = (id) => (to.begin(id), to.write(id, "Otters"), to.complete(id));
    other.agent.abortRun();
    other.agent.addMessage(question("Tell me"));
    expect((await other.agent.runAgent()).newMessages).toMatchObject([{ content: "Otters" }]);
  });

  test("that fails ends with an error of the closed list, and keeps the text", async () => {
    const { to, agent, running, events, id } = await asked();
    to.write(id, "Ot");
    to.fail(id);
    await running;

    expect(events.at(-1)).toMatchObject({
      ...{ type: "RUN_ERROR", message: "The model does not answer.", code: "llm_unavailable" },
    });
    expect(agent.messages.at(-1)).toMatchObject({ content: "Ot" });
    expect(agent.state.framestream.status).toBe("failed");
  });

  test.each([
    ["is refused", [question("Tell me")], "busy"],
    ["has no question", [], "no_prompt"],
  ])("that %s is an error of the run", async (_how, messages, code) => {
    const to = await server();
    to.promptRefusals.push({ status: 409, code: "busy" });
    const { agent, types, events } = agentOf({ client: client(to), initialMessages: messages });
    await agent.runAgent();

    expect(types()).toEqual(["RUN_STARTED", "RUN_ERROR"]);
    expect(events.at(-1)).toMatchObject({ code });
  });

  test("takes the model of its forwardedProps, or else the agent's", async () => {
    const to = await server();
    to.onPrompt = (id) => (to.begin(id), to.write(id, "Otters"), to.complete(id));
    const { agent } = agentOf({ client: client(to), model: "small" });
    const asked = () => to.requests.findLast(({ path }) => path.endsWith("generate-response"))!.body;
    agent.addMessage(question("Tell me"));
    await agent.runAgent();
    expect(asked()).toMatchObject({ model: "small" });
    agent.addMessage(question("More"));
    await agent.runAgent({ forwardedProps: { model: "large" } });

    expect(asked()).toMatchObject({ model: "large", parent_id: "generation-1" });
  });

  test("is a stream for middleware, a clone and any other reader of events", async () => {
    const to = await server();
    to.onPrompt = (id) => {
      to.begin(id);
      for (const step of STEPS) step(to, id);
      to.complete(id);
    };
    const agent = new FrameStreamAgent({ client: client(to), threadId: "otters" }).clone();
    const input = {
      threadId: "otters",
      runId: "run",
      messages: [question("Tell me")],
      tools: [],
      context: [],
    };
    const events = await lastValueFrom(agent.run(input).pipe(verifyEvents(), toArray()));

    expect(events.every((event) => EventSchemas.safeParse(event).success)).toBe(true);
    expect(events.at(-1)).toMatchObject({ type: "RUN_FINISHED", threadId: "otters", runId: "run" });
  });
});

describe("connecting", () => {
  test("resumes the answer that is being made, from its start, after a reload", async () => {
    const { to, by, id, agent, running } = await asked();
    for (const step of STEPS.slice(0, 5)) step(to, id);
    await until(() => agent.messages.length === 3);
    await agent.detachActiveRun();
    await running;
    expect(to.answers.get(id)!.status).toBe("processing");

    const { agent: there } = agentOf({ client: by });
    const resuming = there.connectAgent();
    await until(() => there.messages.length === 2);
    for (const step of STEPS.slice(5)) step(to, id);
    to.complete(id);
    await resuming;

    expect(plain(there.messages, id)).toEqual(WHOLE);
    expect(there.state.framestream).toMatchObject({ status: "completed", ...STATE });
  });

  test("goes on where this agent was detached, with everything once", async () => {
    const { to, id, agent, running, types } = await asked();
    for (const step of STEPS.slice(0, 5)) step(to, id);
    await until(() => agent.messages.at(-1)?.content === "Otters hold 🦦 ");
    await agent.detachActiveRun();
    await running;
    const resuming = agent.connectAgent();
    await until(() => types().filter((type) => type === EventType.STATE_SNAPSHOT).length === 2);
    for (const step of STEPS.slice(5)) step(to, id);
    to.complete(id);
    await resuming;

    expect(plain(agent.messages.slice(1), id)).toEqual(WHOLE);
  });

  test("survives twenty cuts, too", async () => {
    const { to, by, id } = await asked();
    const { agent: there } = agentOf({ client: by });
    const resuming = there.connectAgent();
    for (let cut = 0; cut < 20; cut++) {
      STEPS[cut]?.(to, id);
      await pause(cut % 4);
      to.drop();
      if (cut % 3) await until(() => by.phase === "open");
    }
    to.complete(id);
    await resuming;

    expect(plain(there.messages, id)).toEqual(WHOLE);
  });

  test("to a chat without anything finishes with nothing", async () => {
    const { agent, types } = agentOf({ client: client(await server()) });
    await agent.connectAgent();

    expect(types()).toEqual(["RUN_STARTED", "RUN_FINISHED"]);
    expect(agent.messages).toEqual([]);
  });

  test("brings the history that the server has, and a question then follows its last answer", async () => {
    const world = new ChatWorld();
    const device = world.device();
    const done = async (doing: Promise<unknown>) => {
      await world.clock.advance(3000);
      await doing;
    };
    const { agent } = agentOf({ client: device.client });
    agent.addMessage(question("Tell me"));
    await done(agent.runAgent());
    const there = agentOf({ client: world.device().client }).agent;
    await done(there.connectAgent());
    expect(there.messages.map(({ role, content }) => [role, content])).toEqual([
      ...[
        ["user", "Tell me"],
        ["assistant", "Otters"],
      ],
    ]);

    agent.addMessage(question("And cats?"));
    await done(agent.runAgent());
    const posts = device.requests.filter(({ method }) => method === "POST");
    expect(posts.at(-1)).toMatchObject({ body: { prompt: "And cats?", parent_id: "generation-1" } });
  });

  test("a question that is asked again has another answer to the same question", async () => {
    const world = new ChatWorld();
    const device = world.device();
    const { agent } = agentOf({ client: device.client });
    agent.addMessage(question("Tell me"));
    for (let run = 0; run < 2; run++) {
      agent.setMessages(agent.messages.slice(0, 1));
      const running = agent.runAgent();
      await world.clock.advance(3000);
      await running;
    }

    const posts = device.requests.filter(({ method }) => method === "POST");
    expect(posts.at(-1)).toMatchObject({ path: "generations/generation-1/regenerate" });
    expect(agent.messages.map(({ id }) => id).at(-1)).toBe("generation-2");
  });
});
