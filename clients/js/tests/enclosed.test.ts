import { describe, expect, test } from "vitest";
import { Problem } from "./support/chat-server.ts";
import { ChatWorld } from "./support/chat-world.ts";

const FORMAT = { type: "json_object" } as const;

/** A device whose user has sent a question with a file, and has its answer. */
async function sent() {
  const world = new ChatWorld();
  const device = world.device();
  device.conversation.send("What is this?", { attachments: ["a1"], responseFormat: FORMAT });
  await world.clock.advance(2000);
  const prompts = () =>
    device.requests.filter(({ path }) => path === "generate-response").map(({ body }) => body);
  return { world, device, prompts };
}

describe("what a question of a conversation is sent with", () => {
  test("goes to the server, and is shown", async () => {
    const { device, prompts } = await sent();

    expect(prompts()).toMatchObject([{ attachments: ["a1"], response_format: FORMAT }]);
    expect(device.state.messages[0]).toMatchObject({ text: "What is this?", attachments: ["a1"] });
    expect(device.state.messages[0]!.messageId).toBe("question-generation-1");
  });

  test("is shown by the server's record, where it was sent elsewhere", async () => {
    const { world } = await sent();
    const other = world.device();
    await world.clock.advance(2000);

    expect(other.state.messages.map(({ attachments }) => attachments)).toEqual([["a1"], undefined]);
  });

  test("is shown on a device that was open, without asking for it", async () => {
    const world = new ChatWorld();
    const [device, other] = [world.device(), world.device()];
    await world.clock.advance(2000);
    const before = other.requests.length;
    device.conversation.send("What is this?", { attachments: ["a1"] });
    await world.clock.advance(2000);

    expect(other.state.messages[0]).toMatchObject({ text: "What is this?", attachments: ["a1"] });
    expect(other.requests.length).toBe(before);
  });

  test("stays with the question when it is edited, unless something else is given", async () => {
    const { world, device, prompts } = await sent();

    device.conversation.edit(device.state.messages[0]!.id, "And who?");
    await world.clock.advance(2000);
    device.conversation.edit(device.state.messages[0]!.id, "And why?", { attachments: [] });
    await world.clock.advance(2000);

    expect(prompts().map((body) => body!.attachments)).toEqual([["a1"], ["a1"], []]);
    expect(prompts().map((body) => body!.response_format)).toEqual([FORMAT, undefined, undefined]);
    expect(device.state.messages[0]!.attachments).toBeUndefined();
  });

  test("is not sent with the next question", async () => {
    const { world, device, prompts } = await sent();

    device.conversation.send("And cats?");
    await world.clock.advance(2000);

    expect(prompts()[1]).not.toHaveProperty("attachments");
    expect(prompts()[1]).not.toHaveProperty("response_format");
  });

  test("is repeated with the same key by a page that is loaded anew before the prompt was accepted", async () => {
    const world = new ChatWorld();
    const device = world.device();
    device.goAway();
    device.conversation.send("What is this?", { attachments: ["a1"], responseFormat: FORMAT });
    await world.clock.advance(100);
    const messages = JSON.parse(JSON.stringify(device.state.messages));

    const loaded = world.device({ messages });
    await world.clock.advance(2000);

    const sentAgain = loaded.requests.filter(({ path }) => path === "generate-response");
    expect(sentAgain.map(({ body }) => body)).toMatchObject([
      { attachments: ["a1"], response_format: FORMAT },
    ]);
  });

  test("is repeated when a refused question is tried again", async () => {
    const world = new ChatWorld();
    const device = world.device();
    device.refusals.push(new Problem(409, "busy"));
    device.conversation.send("What is this?", { attachments: ["a1"], responseFormat: FORMAT });
    await world.clock.advance(2000);

    device.conversation.regenerate();
    await world.clock.advance(2000);

    const bodies = device.requests.filter(({ path }) => path === "generate-response").map(({ body }) => body);
    const enclosed = { attachments: ["a1"], response_format: FORMAT };
    expect(bodies).toMatchObject([enclosed, enclosed]);
    expect(device.state.messages[0]).toMatchObject({ attachments: ["a1"] });
  });
});
