import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isOpen, Problem } from "./support/chat-server.ts";
import { ChatWorld, type Device } from "./support/chat-world.ts";

const TURN = ["user/completed: Tell me", "assistant/completed: Otters"];
const [asked, answered] = TURN as [string, string];

/** Devices that show the same chat, a second after they were switched on. */
async function devices(): Promise<{ world: ChatWorld; here: Device; there: Device }> {
  const world = new ChatWorld();
  const [here, there] = [world.device(), world.device()];
  await world.clock.advance(1000);
  return { world, here, there };
}

async function ask({ clock }: ChatWorld, by: Device, prompt = "Tell me"): Promise<void> {
  by.conversation.send(prompt);
  await clock.advance(1000);
}

describe("a question", () => {
  test("is shown at once, and on the other device with its answer as it grows", async () => {
    const { world, here, there } = await devices();

    here.conversation.send("Tell me");
    expect(here.lines).toEqual([asked, "assistant/queued: "]);
    await world.clock.advance(200);
    expect(there.lines).toEqual([asked, "assistant/streaming: Ot"]);
    expect([here.state.isBusyElsewhere, there.state.isBusyElsewhere]).toEqual([false, true]);
    await world.clock.advance(1000);

    expect(here.lines).toEqual(TURN);
    expect(there.lines).toEqual(TURN);
    expect([here.reads, there.reads]).toEqual([1, 1]);
  });

  test("keeps its id and that of its answer when the server names them", async () => {
    const { world, here, there } = await devices();
    here.conversation.send("Tell me");
    const shown = here.state.messages.map(({ id }) => id);
    await world.clock.advance(1000);

    expect(here.state.messages.map(({ id }) => id)).toEqual(shown);
    const recorded = ["question-generation-1", "generation-1"];
    for (const { state } of [here, there])
      expect(state.messages.map(({ messageId }) => messageId)).toEqual(recorded);
  });

  test("names the answer that it follows", async () => {
    const { world, here } = await devices();
    await ask(world, here);
    await ask(world, here, "And cats?");

    expect(here.requests.at(-1)!.body).toMatchObject({ prompt: "And cats?", parent_id: "generation-1" });
  });

  test("is shown once if it is told before its reply comes", async () => {
    const { world, here } = await devices();
    let count = 0;
    world.latency = () => (count++ === 1 ? 2000 : 10);

    here.conversation.send("Tell me");
    for (let step = 0; step < 25; step++) {
      await world.clock.advance(100);
      expect(here.state.messages).toHaveLength(2);
    }

    expect(here.lines).toEqual(TURN);
  });

  test("of another tab in the same words is another question", async () => {
    const { world, here, there } = await devices();
    here.conversation.send("Tell me");
    there.conversation.send("Tell me");
    await world.clock.advance(1000);

    expect(here.lines).toEqual(TURN);
    expect(there.lines).toEqual([...TURN, asked, "assistant/failed: "]);
    expect(there.state.messages[3]!.error).toMatchObject({ code: "busy" });
  });
});

describe("a device", () => {
  test("that comes later has the history with one request", async () => {
    const { world, here } = await devices();
    await ask(world, here);
    const late = world.device();
    expect(late.state.isLoaded).toBe(false);
    await world.clock.advance(1000);

    expect(late.lines).toEqual(TURN);
    expect(late.state).toMatchObject({ isLoaded: true, title: "Tell me" });
    expect(late.reads).toBe(1);
  });

  test("reads a history of many pages", async () => {
    const { world, here } = await devices();
    for (let turn = 0; turn < 5; turn++) await ask(world, here);
    world.limit = 3;
    const late = world.device();
    await world.clock.advance(1000);

    expect(late.lines).toEqual(Array.from({ length: 5 }, () => TURN).flat());
  });

  test.each(["kept", "kept no longer"])(
    "reads answers that are not in the history, if they are %s",
    async (how) => {
      const { world, here } = await devices();
      await ask(world, here);
      world.server.heads.get("otters")!.messages[1]!.text = null;
      if (how !== "kept") world.server.made.delete("generation-1");
      const late = world.device();
      await world.clock.advance(2000);

      expect(late.lines).toEqual([asked, `assistant/completed: ${how === "kept" ? "Otters" : ""}`]);
      expect(late.state.status).toBe("ready");
    },
  );

  test("that was away catches up with one request for what it missed", async () => {
    const { world, here, there } = await devices();
    await ask(world, here);
    there.goAway();
    await world.clock.advance(1000);
    await ask(world, here);
    await ask(world, here);
    const { reads } = there;

    there.comeBack();
    await world.clock.advance(5000);

    expect(there.lines).toEqual([...TURN, ...TURN, ...TURN]);
    expect(there.reads - reads).toBe(1);
    expect(there.requests.findLast(({ path }) => path.includes("messages"))!.path).toMatch(/since=2$/);
  });

  test.each([
    ["is told that the network is back", true, 0],
    ["finds the network back by itself", false, 0],
    ["had missed a change before, and is told that the network is back", true, 1],
    ["had missed a change before, and finds the network back by itself", false, 1],
  ])(
    "whose answer ended while it was away catches up with one request, if it %s",
    async (_, isTold, losing) => {
      for (const ending of ["completed", "failed"] as const)
        for (let away = 1000; away < 9000; away += 330) {
          const { world, here, there } = await devices();
          world.answering = () => 600;
          world.ending = () => ending;
          here.conversation.send("Tell me");
          await world.clock.advance(300);
          there.losing = losing;
          void here.conversation.rename("Otters");
          void here.conversation.rename("Sea otters");
          await world.clock.advance(100);
          there.goAway();
          await world.clock.advance(away);
          const { reads } = there;

          if (isTold) there.comeBack();
          else there.isAway = false;
          world.latency = () => 150; // A handshake, and the start of a function.
          await world.clock.advance(120_000);

          expect(there.lines).toEqual(here.lines);
          expect([away, ending, there.reads - reads]).toEqual([away, ending, 1]);
        }
    },
  );

  test("whose messages were lost catches up with one request", async () => {
    const { world, here, there } = await devices();
    there.losing = 6;
    await ask(world, here);
    await ask(world, here);

    expect(there.lines).toEqual([...TURN, ...TURN]);
    expect(there.reads).toBe(2);
  });

  test("that slept asks once when it wakes, and not each time it is looked at", async () => {
    const { world, here, there } = await devices();
    await ask(world, here);
    await world.clock.advance(60_000);
    there.losing = 100;
    await ask(world, here);
    there.losing = 0;

    for (let look = 0; look < 5; look++) there.wake();
    await world.clock.advance(2000);

    expect(there.lines).toEqual([...TURN, ...TURN]);
    expect(there.reads).toBe(2);
  });

  test("asks with growing pauses while nothing answers, also for a change that it cannot tell by itself", async () => {
    const { world, here, there } = await devices();
    here.conversation.send("Tell me");
    await world.clock.advance(150);
    here.conversation.stop();
    let attempts = 0;
    there.onAttempt = () => attempts++;
    await world.clock.advance(150);
    there.isAway = true;
    await world.clock.advance(60_000);

    expect(attempts).toBeLessThan(60);
    there.comeBack();
    await world.clock.advance(5000);
    expect(there.lines).toEqual(here.lines);
  });

  test("without sockets learns the end of its own answers", async () => {
    const world = new ChatWorld();
    const here = world.device();
    here.losing = Infinity;
    await world.clock.advance(1000);
    here.conversation.send("Tell me");
    await world.clock.advance(30_000);

    expect(here.lines).toEqual(TURN);
    await ask(world, here, "And cats?");
    expect(here.requests.findLast(({ body }) => body?.prompt)!.body).toMatchObject({
      parent_id: "generation-1",
    });
  });

  test("that finds an answer being asked for again shows it at its question", async () => {
    const { world, here } = await devices();
    await ask(world, here);
    world.answering = () => 3000;
    here.conversation.regenerate();
    await world.clock.advance(1500);
    const late = world.device();
    await world.clock.advance(200);

    expect(late.lines).toEqual([asked, "assistant/streaming: Ot"]);
    expect(late.state.messages[1]!.siblings).toMatchObject({ index: 1, count: 2 });
  });
});

describe("branches", () => {
  test("an edited question stands beside the former one, and both can be read", async () => {
    const { world, here, there } = await devices();
    await ask(world, here);
    await ask(world, here, "And cats?");

    here.conversation.edit(here.state.messages[2]!.id, "And dogs?");
    expect(here.lines).toEqual([...TURN, "user/completed: And dogs?", "assistant/queued: "]);
    await world.clock.advance(1000);

    for (const device of [here, there]) {
      expect(device.lines).toEqual([...TURN, "user/completed: And dogs?", answered]);
      expect(device.state.messages[2]!.siblings).toMatchObject({ index: 1, count: 2, next: null });
    }
    const { previous } = here.state.messages[2]!.siblings!;
    here.conversation.select(previous!);
    expect(here.lines).toEqual([...TURN, "user/completed: And cats?", answered]);
    expect(there.lines[2]).toBe("user/completed: And dogs?");
  });

  test("the first question can be edited, too", async () => {
    const { world, here } = await devices();
    await ask(world, here);
    here.conversation.edit(here.state.messages[0]!.id, "Tell me more");
    await world.clock.advance(1000);

    expect(here.lines).toEqual(["user/completed: Tell me more", answered]);
    expect(here.requests.findLast(({ body }) => body?.prompt)!.body).toMatchObject({ parent_id: "root" });
    expect(here.state.messages[0]!.siblings).toMatchObject({ index: 1, count: 2 });
  });

  test("an answer that is asked for again stands beside the former one", async () => {
    const { world, here, there } = await devices();
    await ask(world, here);
    here.conversation.regenerate();
    expect(here.lines).toEqual([asked, "assistant/queued: "]);
    await world.clock.advance(1000);

    for (const device of [here, there]) {
      expect(device.lines).toEqual(TURN);
      expect(device.state.messages[1]).toMatchObject({
        messageId: "generation-2",
        siblings: { index: 1, count: 2 },
      });
    }
  });

  test("a question follows the branch that is shown", async () => {
    const { world, here } = await devices();
    await ask(world, here);
    here.conversation.regenerate();
    await world.clock.advance(1000);
    here.conversation.select(here.state.messages[1]!.siblings!.previous!);
    await ask(world, here, "And cats?");

    expect(here.requests.findLast(({ body }) => body?.prompt)!.body).toMatchObject({
      parent_id: "generation-1",
    });
    expect(here.state.messages[1]!.messageId).toBe("generation-1");
  });

  test("an edit that is refused leaves what was shown, and says why", async () => {
    const { world, here } = await devices();
    await ask(world, here);
    here.refusals.push(
      new Problem(429, "budget_exceeded", { retry_after: 60, resets_at: "2030-01-01T00:00:00Z" }),
    );
    here.conversation.edit(here.state.messages[0]!.id, "Tell me more");
    await world.clock.advance(1000);

    expect(here.lines).toEqual([...TURN, "user/completed: Tell me more", "assistant/failed: "]);
    const error = { code: "budget_exceeded", retryable: false, retryAt: Date.parse("2030-01-01T00:00:00Z") };
    expect(here.state.messages[3]!.error).toMatchObject(error);
    here.conversation.regenerate();
    await world.clock.advance(1000);
    expect(here.lines).toEqual(["user/completed: Tell me more", answered]);
  });
});

describe("while an answer runs", () => {
  test("a question is refused, and the running answer is shown", async () => {
    const { world, here, there } = await devices();
    there.losing = Infinity;
    here.conversation.send("Tell me");
    await world.clock.advance(100);

    there.conversation.send("And cats?");
    await world.clock.advance(400);

    expect(there.lines[0]).toBe(asked);
    expect(there.lines.slice(-2)).toEqual(["user/completed: And cats?", "assistant/failed: "]);
    expect(there.state.error).toMatchObject({ code: "busy", generationId: "generation-1" });
  });

  test("questions wait, can be changed everywhere, and are answered in turn", async () => {
    const { world, here, there } = await devices();
    here.conversation.send("Tell me");
    await world.clock.advance(50);
    for (const prompt of ["One", "Two", "Three"]) here.conversation.send(prompt, { onBusy: "queue" });
    expect(here.state.queue.waiting.map(({ prompt }) => prompt)).toEqual(["One", "Two", "Three"]);
    expect(here.lines).toHaveLength(2);
    await world.clock.advance(100);

    const ids = there.state.queue.waiting.map(({ generationId }) => generationId!);
    await Promise.all([
      there.state.queue.edit(ids[0]!, "First"),
      there.state.queue.remove(ids[1]!),
      world.clock.advance(100),
    ]);
    expect(here.state.queue.waiting.map(({ prompt }) => prompt)).toEqual(["First", "Three"]);
    await world.clock.advance(2000);

    for (const device of [here, there]) {
      expect(device.lines).toEqual([
        ...TURN,
        "user/completed: First",
        answered,
        "user/completed: Three",
        answered,
      ]);
      expect(device.state.queue.waiting).toEqual([]);
    }
  });

  test("a stop pauses what waits, until it is resumed", async () => {
    const { world, here, there } = await devices();
    here.conversation.send("Tell me");
    await world.clock.advance(50);
    here.conversation.send("Next", { onBusy: "queue" });
    await world.clock.advance(50);
    there.conversation.stop();
    await world.clock.advance(1000);

    for (const { state } of [here, there])
      expect(state.queue).toMatchObject({ isPaused: true, waiting: [{ prompt: "Next" }] });
    await Promise.all([there.state.queue.resume(), world.clock.advance(1000)]);

    for (const device of [here, there]) {
      expect(device.lines.slice(2)).toEqual(["user/completed: Next", answered]);
      expect(device.state.queue).toMatchObject({ isPaused: false, waiting: [] });
    }
  });

  test("a stop leaves alone what the chat tells to wait, although its own request is not answered", async () => {
    const { world, here, there } = await devices();
    world.answering = () => 9000;
    here.conversation.send("Tell me");
    await world.clock.advance(50);
    let count = 0;
    world.latency = () => (count++ === 3 ? 2000 : 10); // The prompt, what both devices are told, and the reply.
    here.conversation.send("Next", { onBusy: "queue" });
    await world.clock.advance(100);
    expect(here.state.queue.waiting).toMatchObject([{ generationId: "generation-2", prompt: "Next" }]);
    here.conversation.stop();
    await world.clock.advance(9000);

    for (const { state } of [here, there])
      expect(state.queue).toMatchObject({ isPaused: true, waiting: [{ prompt: "Next" }] });
  });

  test("a question may interrupt it", async () => {
    const { world, here, there } = await devices();
    here.conversation.send("Tell me");
    await world.clock.advance(130);
    there.conversation.send("Stop, cats!", { onBusy: "interrupt" });
    await world.clock.advance(1000);

    for (const device of [here, there])
      expect(device.lines).toEqual([
        asked,
        "assistant/cancelled: Ot",
        "user/completed: Stop, cats!",
        answered,
      ]);
  });
});

describe("a chat", () => {
  test("has the same title everywhere", async () => {
    const { world, here, there } = await devices();
    await ask(world, here);
    expect(there.state.title).toBe("Tell me");
    await Promise.all([there.conversation.rename("Otters"), world.clock.advance(500)]);

    expect([here.state.title, there.state.title]).toEqual(["Otters", "Otters"]);
  });

  test("that is deleted is empty everywhere, also on a device that was away, and can begin anew", async () => {
    const { world, here, there } = await devices();
    const away = world.device();
    await world.clock.advance(1000);
    await ask(world, here);
    away.goAway();
    await Promise.all([there.conversation.remove(), world.clock.advance(1000)]);
    away.comeBack();
    await world.clock.advance(5000);

    for (const device of [here, there, away]) {
      expect(device.lines).toEqual([]);
      expect(device.state).toMatchObject({ isDeleted: true, title: "" });
    }
    await ask(world, away, "Once more");
    for (const device of [here, there, away]) {
      expect(device.lines).toEqual(["user/completed: Once more", answered]);
      expect(device.state.isDeleted).toBe(false);
    }
  });

  test("that was deleted unheard is empty once a question in it was refused", async () => {
    const { world, here, there } = await devices();
    await ask(world, here);
    there.losing = 1;
    await Promise.all([here.conversation.remove(), world.clock.advance(1000)]);
    await ask(world, there, "More");

    expect(there.lines).toEqual(["user/completed: More", "assistant/failed: "]);
    expect(there.state.isDeleted).toBe(true);
  });

  test("that was deleted and began anew while a device was away is only the new one there", async () => {
    const { world, here, there } = await devices();
    await ask(world, here);
    await ask(world, here);
    there.goAway();
    await Promise.all([here.conversation.remove(), world.clock.advance(1000)]);
    await ask(world, here, "Once more");
    there.comeBack();
    await world.clock.advance(5000);

    expect(there.lines).toEqual(["user/completed: Once more", answered]);
  });
});

type Act = (device: Device, world: ChatWorld, pick: number) => void;

const nth = <T>(all: readonly T[], pick: number): T | undefined => all[pick % Math.max(1, all.length)];
const ignore = () => {};

/** What a user may do; each takes what there is. */
const ACTS: Record<string, Act> = {
  ask: ({ conversation }, _, pick) => conversation.send(`Question ${pick}`),
  wait: ({ conversation }, _, pick) => conversation.send(`Question ${pick}`, { onBusy: "queue" }),
  interrupt: ({ conversation }, _, pick) => conversation.send(`Question ${pick}`, { onBusy: "interrupt" }),
  edit({ conversation, state }, _, pick) {
    const question = nth(
      state.messages.filter(({ role }) => role === "user"),
      pick,
    );
    if (question) conversation.edit(question.id, `Edited ${pick}`);
  },
  regenerate({ conversation, state }, _, pick) {
    const answer = nth(
      state.messages.filter(({ role }) => role === "assistant"),
      pick,
    );
    if (answer) conversation.regenerate(answer.id);
  },
  stop: ({ conversation }) => conversation.stop(),
  select({ conversation, state }, _, pick) {
    const message = nth(
      state.messages.filter(({ siblings }) => siblings?.previous),
      pick,
    );
    if (message) conversation.select(message.siblings!.previous!);
  },
  change({ state: { queue } }, _, pick) {
    const id = nth(queue.waiting, pick)?.generationId;
    if (id) queue.edit(id, `Changed ${pick}`).catch(ignore);
  },
  unqueue({ state: { queue } }, _, pick) {
    const id = nth(queue.waiting, pick)?.generationId;
    if (id) queue.remove(id).catch(ignore);
  },
  resume: ({ state }) => void state.queue.resume().catch(ignore),
  rename: ({ conversation }, _, pick) => void conversation.rename(`Title ${pick}`).catch(ignore),
  remove: ({ conversation }, _, pick) => void (pick % 4 ? undefined : conversation.remove().catch(ignore)),
  goAway: (device) => device.goAway(),
  comeBack: (device) => device.comeBack(),
  lose: (device, _, pick) => void (device.losing = pick % 5),
};

const action = fc.record({
  act: fc.constantFrom(...Object.keys(ACTS)),
  device: fc.nat(2),
  pick: fc.nat(50),
  pause: fc.constantFrom(0, 5, 30, 120, 400, 1500),
});

/** What all devices have to agree on: all but the prompts that the server refused. */
function agreed({ state }: Device) {
  const { messages, title, queue, isDeleted } = state;
  const recorded = messages.filter(({ messageId }) => messageId);
  const told = recorded.map(({ messageId, role, text, status, siblings, prompt, error }) => {
    const place = `${siblings!.index + 1}/${siblings!.count}`;
    return { messageId, role, text, status, place, prompt, code: error?.code };
  });
  const waiting = queue.waiting.map(({ generationId, prompt }) => ({ generationId, prompt }));
  return { told, title, isDeleted, waiting, isPaused: queue.isPaused };
}

test("whatever is done on three devices, in whatever order it is told, all end equal", async () => {
  const property = fc.asyncProperty(
    fc.array(action, { minLength: 5, maxLength: 40 }),
    fc.infiniteStream(fc.nat(300)),
    fc.infiniteStream(fc.constantFrom<"completed" | "failed">("completed", "completed", "failed")),
    async (actions, latencies, endings) => {
      const world = new ChatWorld();
      world.latency = () => latencies.next().value!;
      world.ending = () => endings.next().value!;
      world.limit = 7;
      const all = [world.device(), world.device(), world.device()];
      await world.clock.advance(1000);
      for (const { act, device, pick, pause } of actions) {
        ACTS[act]!(all[device]!, world, pick);
        await world.clock.advance(pause);
      }
      for (const device of all) {
        device.losing = 0;
        device.comeBack();
      }
      await world.clock.advance(60_000);
      void all[0]!.state.queue.resume().catch(ignore);
      await world.clock.advance(120_000);
      expect([...world.server.made.values()].filter(isOpen)).toEqual([]);
      // Each may show another branch, until there is something new.
      all[0]!.conversation.send("The end");
      await world.clock.advance(30_000);
      const fresh = world.device();
      await world.clock.advance(30_000);

      const expected = agreed(fresh);
      expect(expected.told.length).toBeGreaterThan(1);
      for (const device of all) expect(agreed(device)).toEqual(expected);
      for (const device of [...all, fresh]) device.client.close();
    },
  );
  await fc.assert(property, {
    numRuns: Number(process.env.RUNS ?? 60),
    ...(process.env.SEED && { seed: Number(process.env.SEED) }),
  });
}, 120_000);
