import { describe, expect, test, vi } from "vitest";
import type { FrameStreamClient, Generation } from "../src/index.ts";
import { client, pause, server, until } from "./support/client.ts";

const otters = { chatId: "otters", prompt: "Tell me about otters" };

async function asked(by: FrameStreamClient): Promise<{ generation: Generation; id: string }> {
  const generation = by.generate(otters);
  await until(() => by.phase === "open");
  return { generation, id: await generation.accepted };
}

describe("an answer", () => {
  test("is the text as it grows, and a result", async () => {
    const to = await server();
    to.onPrompt = async (id) => {
      to.begin(id);
      for (const word of ["Otters ", "hold ", "hands 🦦"]) {
        await pause(20);
        to.write(id, word);
      }
      to.complete(id);
    };
    const texts: string[] = [];

    const generation = client(to).generate(otters);
    for await (const text of generation) texts.push(text);

    expect(texts.at(-1)).toBe("Otters hold hands 🦦");
    expect(generation.status).toBe("completed");
    expect(await generation.result).toMatchObject({
      status: "completed",
      text: "Otters hold hands 🦦",
      model: "fake",
      finishReason: "stop",
    });
    expect(to.requests.find(({ body }) => Object.keys(body as object).length)?.body).toMatchObject({
      user_id: "user_1",
      chat_id: "otters",
    });
  });

  test("calls the callbacks in the contract's order, once for each event", async () => {
    const to = await server();
    const told: string[] = [];
    const by = client(to, {
      onStatusUpdate: (status) => told.push(status),
      onFrameUpdate: (frame) => told.push(frame.status === "streaming" ? frame.delta : "(thinking)"),
      onFinalResponse: ({ response }) => told.push(`= ${response}`),
    });
    const { generation, id } = await asked(by);

    to.begin(id);
    to.write(id, "Ot");
    to.drop();
    await until(() => to.sockets.size === 1 && by.phase === "open");
    to.write(id, "ters");
    to.complete(id);
    await generation.result;

    expect(told).toEqual([
      "started",
      "processing",
      "thinking",
      "(thinking)",
      "streaming",
      "Ot",
      "ters",
      "= Otters",
      "completed",
    ]);
  });

  test("is the same, character for character, after 20 broken sockets", async () => {
    const to = await server();
    const by = client(to);
    const { generation, id } = await asked(by);
    const words = Array.from({ length: 400 }, (_, n) => (n % 7 ? `word${n} ` : "🦦👩‍👩‍👧 "));
    let pieces = "";
    by.listen({ onFrameUpdate: (frame) => void (frame.status === "streaming" && (pieces += frame.delta)) });

    to.begin(id);
    for (const [n, word] of words.entries()) {
      to.write(id, word);
      if (n % 20 === 10) {
        to.drop();
        await pause(15);
      }
      await pause(1);
    }
    to.complete(id);

    expect((await generation.result).text).toBe(words.join(""));
    expect(pieces).toBe(words.join(""));
    expect(to.tickets).toBeGreaterThan(10);
  });

  test("starts again with a higher attempt", async () => {
    const to = await server();
    const { generation, id } = await asked(client(to));
    const texts: string[] = [];
    const reading = (async () => {
      for await (const text of generation) texts.push(text);
    })();

    to.begin(id);
    to.write(id, "Cats");
    await until(() => texts.length === 1);
    to.begin(id);
    to.write(id, "Otters");
    to.complete(id);
    await reading;

    expect(texts).toEqual(["Cats", "Otters"]);
    expect(generation.attempt).toBe(2);
  });

  test("too long for one message has its text in the final response all the same", async () => {
    const to = await server();
    const final = vi.fn();
    const { generation, id } = await asked(client(to, { onFinalResponse: final }));

    to.begin(id);
    to.write(id, "x".repeat(30_000));
    to.complete(id, { tooLong: true });
    await generation.result;

    expect(final.mock.calls[0]![0].response).toHaveLength(30_000);
  });

  test("with a gap is fetched at once", async () => {
    const to = await server();
    const { generation, id } = await asked(client(to, { stallTimeout: 60_000 }));
    to.begin(id);
    const [socket] = to.sockets;
    to.sockets.clear();
    to.write(id, "lost, ");
    to.sockets.add(socket!);

    to.write(id, "and found");
    await until(() => generation.text);

    expect(generation.text).toBe("lost, and found");
    to.complete(id);
    expect((await generation.result).text).toBe("lost, and found");
  });

  test("about which no message arrives is fetched after a while, and so is its end", async () => {
    const to = await server();
    const { generation, id } = await asked(client(to, { stallTimeout: 50 }));
    to.sockets.clear();

    to.begin(id);
    to.write(id, "Otters");
    await until(() => generation.text === "Otters");
    to.complete(id);

    expect((await generation.result).text).toBe("Otters");
  });

  test("that ended while the socket was down is fetched when it is back", async () => {
    const to = await server();
    const { generation, id } = await asked(client(to, { stallTimeout: 60_000 }));
    to.begin(id);
    to.write(id, "Otters");

    to.drop();
    to.sockets.clear();
    to.write(id, " swim");
    to.complete(id);

    expect((await generation.result).text).toBe("Otters swim");
  });

  test("that ended unheard and is fetched in parts has all of its text", async () => {
    const to = await server();
    const { generation, id } = await asked(client(to, { stallTimeout: 50 }));
    to.sockets.clear();
    to.page = 4;

    to.begin(id);
    to.write(id, "Otters swim 🦦 on their backs");
    to.complete(id);

    expect((await generation.result).text).toBe("Otters swim 🦦 on their backs");
  });

  test("that failed throws, and keeps its text", async () => {
    const to = await server();
    const onError = vi.fn();
    const { generation, id } = await asked(client(to, { onError }));

    to.begin(id);
    to.write(id, "Ot");
    to.fail(id);

    const failure = { code: "llm_unavailable", retryable: true, message: "The model does not answer." };
    await expect(generation.result).rejects.toMatchObject(failure);
    await expect(
      (async () => {
        for await (const _ of generation);
      })(),
    ).rejects.toMatchObject(failure);
    expect(generation).toMatchObject({ text: "Ot", status: "failed" });
    expect(onError).toHaveBeenCalledOnce();
  });

  test("of another tab is announced", async () => {
    const to = await server();
    const onGeneration = vi.fn();
    const here = client(to, { onGeneration });
    here.connect();
    await until(() => here.phase === "open");

    const { id } = await asked(client(to));
    to.begin(id);
    to.write(id, "Otters");
    to.complete(id);

    await until(() => onGeneration.mock.calls.length);
    const there = onGeneration.mock.calls[0]![0] as Generation;
    expect((await there.result).text).toBe("Otters");
    expect(there).toMatchObject({ id, chatId: "otters" });
  });

  test("can be taken up by its id", async () => {
    const to = await server();
    const { id } = await asked(client(to));
    to.begin(id);
    to.write(id, "Ot");

    const later = client(to).follow(id);
    await until(() => later.text === "Ot");
    to.write(id, "ters");
    to.complete(id);

    expect((await later.result).text).toBe("Otters");
    await expect(client(to).follow("unknown").result).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("a prompt", () => {
  test("whose acceptance got lost is sent again with the same key, and is one generation", async () => {
    const to = await server();
    to.lostReplies = 1;
    const onGeneration = vi.fn();
    to.onPrompt = (id) => {
      if (to.answers.get(id)!.attempt) return;
      to.begin(id);
      to.write(id, "Otters");
      to.complete(id);
    };

    const by = client(to, { onGeneration });
    by.connect();
    await until(() => by.phase === "open");
    const generation = by.generate(otters);

    expect((await generation.result).text).toBe("Otters");
    expect(to.answers.size).toBe(1);
    expect(onGeneration).not.toHaveBeenCalled();
    const keys = to.requests.filter(({ path }) => path.endsWith("generate-response")).map(({ key }) => key);
    expect(keys).toHaveLength(2);
    expect(keys[0]).toBe(keys[1]);
  });

  test("is cancelled by its signal", async () => {
    const to = await server();
    const abort = new AbortController();
    const generation = client(to).generate({ ...otters, signal: abort.signal });
    const id = await generation.accepted;
    to.begin(id);
    to.write(id, "Ot");
    await until(() => generation.text);

    abort.abort();

    expect(await generation.result).toMatchObject({ status: "cancelled", text: "Ot" });
    expect(to.answers.get(id)!.status).toBe("cancelled");
  });

  test("is not cancelled by closing the client", async () => {
    const to = await server();
    const by = client(to);
    const { generation, id } = await asked(by);
    to.begin(id);

    by.close();

    await expect(generation.result).rejects.toMatchObject({ code: "not_connected" });
    expect(to.answers.get(id)!.status).toBe("processing");
  });
});

describe("a connection", () => {
  test.each([
    [4000, 400],
    [4003, 403],
  ])("refused with %i is not tried again", async (code, status) => {
    const to = await server();
    to.refusals.push({ status, code });
    const onClose = vi.fn();
    const by = client(to, { onClose });

    by.connect();
    await until(() => by.phase === "closed");
    await pause(50);

    expect(to.tickets).toBe(1);
    expect(onClose).toHaveBeenCalledExactlyOnceWith({ code, reason: `No: ${code}.`, willReconnect: false });
  });

  test("over the cap waits, says so, and comes when there is a place", async () => {
    const to = await server();
    to.refusals.push({ status: 429, code: 4429 }, { status: 429, code: 4429 });
    const onClose = vi.fn();
    const by = client(to, { onClose });

    by.connect();
    await until(() => by.phase === "open");

    expect(onClose.mock.calls.map(([{ code, willReconnect }]) => [code, willReconnect])).toEqual([
      [4429, true],
      [4429, true],
    ]);
  });

  test("is replaced shortly before its end, with two sockets for a moment and never none", async () => {
    const to = await server();
    const phases: string[] = [];
    const by = client(to, { onPhase: (phase) => phases.push(phase) });
    to.lifetime = 0.4;
    const { generation, id } = await asked(by);
    to.lifetime = 7200;
    to.begin(id);

    let most = 0;
    for (let n = 0; n < 100; n++) {
      to.write(id, `${n} `);
      most = Math.max(most, to.sockets.size);
      await pause(6);
    }
    to.complete(id);

    expect((await generation.result).text).toBe(Array.from({ length: 100 }, (_, n) => `${n} `).join(""));
    expect(most).toBe(2);
    expect(to.tickets).toBe(2);
    expect(phases).toEqual(["connecting", "open"]);
    await until(() => to.sockets.size === 1);
  });

  test("is replaced when the server announces its end", async () => {
    const to = await server();
    const by = client(to);
    by.connect();
    await until(() => by.phase === "open");

    to.send({ type: "system", status: "closing", code: 4001, message: "The token expires.", timestamp: "" });

    await until(() => to.sockets.size === 2);
  });

  test("stays away when its user closed it elsewhere", async () => {
    const to = await server();
    const by = client(to);
    by.connect();
    await until(() => by.phase === "open");

    to.send({ type: "system", status: "closing", code: 1000, message: "Closed elsewhere.", timestamp: "" });

    await until(() => by.phase === "closed");
    await pause(50);
    expect(to.tickets).toBe(1);
    by.connect();
    await until(() => by.phase === "open");
  });

  test("that made room for another comes back after a pause", async () => {
    const to = await server();
    const onClose = vi.fn();
    const by = client(to, { onClose });
    by.connect();
    await until(() => by.phase === "open");

    to.send({ type: "system", status: "closing", code: 4429, message: "Too many.", timestamp: "" });

    await until(() => by.phase === "waiting");
    await until(() => by.phase === "open");
    expect(onClose).toHaveBeenCalledExactlyOnceWith({ code: 4429, reason: "Too many.", willReconnect: true });
  });

  test("shows pings, and is replaced when the server shows none", async () => {
    const to = await server();
    const by = client(to, { heartbeat: 30, patience: 60 });
    by.connect();
    await until(() => to.heard.length >= 3);
    expect(to.heard.slice(0, 3)).toEqual(["heartbeat", "ping", "ping"]);

    to.silent = true;
    await until(() => by.phase === "waiting" || by.phase === "connecting");
    to.silent = false;
    await until(() => by.phase === "open");
  });

  test("goes on trying, however often it fails, and says why", async () => {
    const to = await server();
    to.refusals.push(...Array.from({ length: 12 }, () => ({ status: 503, code: 1013 })));
    const [onClose, onError] = [vi.fn(), vi.fn()];
    const by = client(to, { onClose, onError });

    by.connect();
    await until(() => by.phase === "open");

    expect(to.tickets).toBe(13);
    expect(onClose).toHaveBeenCalledTimes(12);
    expect(onClose).toHaveBeenCalledWith({ code: 1013, reason: "No: 1013.", willReconnect: true });
    expect(onError).not.toHaveBeenCalled();
  });

  test("does not mind what it does not know", async () => {
    const to = await server();
    const onMessage = vi.fn();
    const { generation, id } = await asked(client(to, { onMessage }));

    for (const odd of ['{"message": "Internal server error"}', "[]", "null", "no JSON", '{"type":"llm_new"}'])
      to.send(odd);
    const about = { generation_id: id, chat_id: "otters", user_id: "user_1", attempt: 1, timestamp: "" };
    to.begin(id);
    to.send({ ...about, type: "llm_status", status: "pondering", message: "?" });
    to.send({ ...about, type: "llm_frame", frame: { status: "tool", name: "search" } });
    to.send({ ...about, type: "llm_frame" });
    to.send({ ...about, type: "llm_response" });
    to.send({ ...about, type: "llm_part", part: { index: 0, delta: "x", offset: 0 } });
    for (const socket of to.sockets) socket.send(Buffer.from('{"type":"pong"}'));
    to.write(id, "Otters");
    to.complete(id);

    expect(await generation.result).toMatchObject({ status: "completed", text: "Otters" });
    const types = onMessage.mock.calls.map(([{ type }]) => type);
    expect(types).toEqual(expect.arrayContaining(["llm_new", "llm_part"]));
    expect(types).not.toContain(undefined);
  });
});
