import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { inOrder, isMissingPart, mergePart, NO_PARTS, withoutText, type Parts } from "../src/parts.ts";
import type { PartDelta } from "../src/wire.ts";
import { STEPS, WHOLE } from "./support/answer-in-parts.ts";
import { client, server, until } from "./support/client.ts";

const piece = (index: number, kind: string, delta: string, offset = 0, text_offset = 0): PartDelta => ({
  ...{ index, kind: kind as PartDelta["kind"], delta, offset, text_offset },
});

describe("parts of an answer", () => {
  const reasoning = [piece(0, "reasoning", "An otter "), piece(0, "reasoning", "🦦 is …", 9)];
  const source = piece(2, "source", '{"url":"https://otters.example","title":"Otters"}', 0, 7);
  const data = piece(3, "data", '{"name":"mood","value":{"calm":true}}', 0, 7);
  const all = [
    { index: 0, kind: "reasoning", text: "An otter 🦦 is …" },
    { index: 1, kind: "text", text: "Otters " },
    { index: 2, kind: "source", url: "https://otters.example", title: "Otters", snippet: null },
    { index: 3, kind: "data", name: "mood", value: { calm: true } },
    { index: 4, kind: "text", text: "hold hands" },
  ];
  const merged = (...pieces: PartDelta[]) => pieces.reduce<Parts>(mergePart, NO_PARTS);

  test("stand in their order, with the text between them", () => {
    expect(inOrder("Otters hold hands", merged(...reasoning, source, data))).toEqual(all);
  });

  test("are the same, however often and in whatever order their messages come", () => {
    const messages = [...reasoning, source, data];
    const any = fc.array(fc.constantFrom(...messages), { maxLength: 20 });
    fc.assert(
      fc.property(any, (mixed) => {
        expect(inOrder("Otters hold hands", merged(...mixed, ...messages))).toEqual(all);
      }),
    );
  });

  test("of an answer that is only text are its text", () => {
    expect(inOrder("Otters", NO_PARTS)).toEqual([{ index: 0, kind: "text", text: "Otters" }]);
    expect(inOrder("", NO_PARTS)).toEqual([]);
  });

  test("wait for the text before them", () => {
    expect(inOrder("Ott", merged(...reasoning, source))).toEqual([all[0], { ...all[1], text: "Ott" }]);
  });

  test.each([
    ["the beginning of a part", [reasoning[1]!]],
    ["the first part", [source]],
    ["a part between two", [...reasoning, data]],
  ])("are missing if %s did not arrive", (_what, pieces) => {
    expect(isMissingPart(merged(...reasoning, source, data))).toBe(false);
    expect(isMissingPart(merged(...pieces))).toBe(true);
  });

  test("are not missing any more if the server has not kept them", () => {
    const parts = withoutText(merged(reasoning[1]!), piece(0, "reasoning", ""));

    expect(isMissingPart(parts)).toBe(false);
    expect(inOrder("Otters", parts)).toEqual([{ ...all[1], text: "Otters" }]);
  });

  test.each([
    ["an unknown kind", piece(0, "tool-call", "{}")],
    ["no document", piece(0, "source", "https://otters.example")],
    ["a source without an address", piece(0, "source", '{"title":"Otters"}')],
    ["data without a name", piece(0, "data", "null")],
  ])("with %s are not shown, and break nothing", (_what, odd) => {
    expect(inOrder("Otters", merged(odd))).toEqual([{ ...all[1], text: "Otters" }]);
  });

  test("are kept as they are by a message that adds nothing", () => {
    const parts: Parts = merged(...reasoning, source);

    expect(mergePart(parts, reasoning[0]!)).toBe(parts);
    expect(mergePart(parts, piece(0, "source", "{}", 40))).toBe(parts);
  });
});

describe("an answer in parts", () => {
  async function asked() {
    const to = await server();
    const by = client(to);
    const answer = by.generate({ chatId: "otters", prompt: "Tell me" });
    const id = await answer.accepted;
    await until(() => by.phase === "open");
    to.begin(id);
    return { to, by, answer, id };
  }

  test("comes step by step, and its text is what it was without parts", async () => {
    const { to, answer, id } = await asked();
    const texts: string[] = [];
    const reading = (async () => {
      for await (const text of answer) texts.push(text);
    })();
    for (const [at, step] of STEPS.entries()) {
      step(to, id);
      const part = WHOLE[[0, 0, 1, 2, 3, 4, 5, 6, 7][at]!]!;
      await until(() => answer.parts.at(-1)?.kind === part.kind && answer.parts.length > part.index);
    }
    to.complete(id);

    expect(await answer.result).toMatchObject({ text: "Otters hold 🦦 hands.", parts: WHOLE });
    await reading;
    expect(texts).toEqual(["Otters ", "Otters hold 🦦 ", "Otters hold 🦦 hands."]);
  });

  test.each([...STEPS.keys()])("is whole if the socket is cut after step %d", async (cut) => {
    const { to, by, answer, id } = await asked();
    for (const [at, step] of STEPS.entries()) {
      step(to, id);
      if (at === cut) {
        to.drop();
        await until(() => by.phase !== "open");
      }
    }
    to.complete(id);

    expect((await answer.result).parts).toEqual(WHOLE);
  });

  // The end of reasoning that text follows can only be lost with its socket.
  const noticed = [...STEPS.keys()].filter((at) => at !== 1);

  test.each(noticed)("is whole if message %d is lost, and only the store has it", async (lost) => {
    const { to, answer, id } = await asked();
    for (const [at, step] of STEPS.entries()) {
      const sockets = [...to.sockets];
      if (at === lost) to.sockets.clear();
      step(to, id);
      for (const socket of sockets) to.sockets.add(socket);
    }
    if (lost === STEPS.length - 1) to.drop(); // What is lost at the very end is noticed by the cut that lost it.
    to.complete(id);

    expect((await answer.result).parts).toEqual(WHOLE);
  });

  test("begins anew with another attempt", async () => {
    const { to, answer, id } = await asked();
    STEPS.forEach((step) => step(to, id));
    to.begin(id);
    to.writePart(id, "reasoning", "Again.");
    to.write(id, "Otters");
    to.complete(id);

    expect((await answer.result).parts).toEqual([
      { index: 0, kind: "reasoning", text: "Again." },
      { index: 1, kind: "text", text: "Otters" },
    ]);
  });

  test("can be read later, without the reasoning if that is not kept", async () => {
    const { to, by, answer, id } = await asked();
    STEPS.forEach((step) => step(to, id));
    to.complete(id);
    await answer.result;

    expect(await by.parts(id)).toEqual(WHOLE);
    to.keepsReasoning = false;
    expect(await by.parts(id)).toEqual(WHOLE.filter(({ kind }) => kind !== "reasoning"));
  });

  test("says which model answered, if another was asked", async () => {
    const { to, answer, id } = await asked();
    to.write(id, "Otters");
    to.complete(id);
    await answer.result;
    Object.assign(to.answers.get(id)!, { model: "claude", answered_by: "nova" });
    const later = client(to).follow(id);

    expect((await later.result).model).toBe("nova");
    expect(later.model).toBe("nova");
  });

  test("says while it is written which model took the place of another", async () => {
    const { to, answer, id } = await asked();
    const frame = {
      status: "streaming",
      delta: "Otters",
      offset: 0,
      progress: "indeterminate",
      model: "nova",
    };
    const { user_id, chat_id, timestamp, attempt } = to.answers.get(id)!;
    expect(answer.model).toBeNull();
    to.send({ type: "llm_frame", frame, user_id, chat_id, generation_id: id, attempt, timestamp });
    await until(() => answer.text === "Otters");

    expect(answer.model).toBe("nova");
  });

  test("is told to listeners, what is new of each part once", async () => {
    const { to, by, answer, id } = await asked();
    const told: string[] = [];
    by.listen({ onPartUpdate: ({ index, kind, delta }) => told.push(`${index} ${kind} ${delta}`) });
    to.writePart(id, "reasoning", "Otters …");
    to.drop();
    await until(() => by.phase === "open" && answer.parts.length === 1);
    to.writePart(id, "reasoning", " well.");
    to.complete(id);
    await answer.result;

    expect(told.join("|").replace(/\|0 reasoning /g, "")).toBe("0 reasoning Otters … well.");
  });
});
