// @vitest-environment happy-dom
import { Chat } from "@ai-sdk/react";
import { beforeEach, describe, expect, test } from "vitest";
import { FrameStreamChatTransport } from "../src/ai-sdk.ts";
import { client, server } from "./support/client.ts";
import type { FakeServer } from "./support/server.ts";

beforeEach(() => localStorage.clear());

const file = (url: string) => ({ type: "file", mediaType: "image/png", filename: "otter.png", url }) as const;
const promptsOf = (to: FakeServer) =>
  to.requests.filter(({ path }) => path.endsWith("generate-response")).map(({ body }) => body);

async function chatting() {
  const to = await server();
  to.onPrompt = (id) => {
    to.begin(id);
    to.write(id, "An otter");
    to.complete(id);
  };
  return {
    to,
    chat: new Chat({ id: "otters", transport: new FrameStreamChatTransport({ client: client(to) }) }),
  };
}

describe("files of the AI SDK", () => {
  test("are uploaded in their order, and named by the prompt", async () => {
    const { to, chat } = await chatting();
    const files = [file(`data:image/png;base64,${btoa("png")}`), file("data:image/png,gnp")];

    await chat.sendMessage({ text: "What are these?", files });

    const offers = to.requests.filter(({ path }) => path.endsWith("/attachments")).map(({ body }) => body);
    const asked = { name: "otter.png", media_type: "image/png", size: 3 };
    expect(offers).toEqual([asked, asked]);
    const [prompt] = promptsOf(to) as [{ attachments: string[] }];
    const contentOf = (id: string) => to.uploads.find(({ fields }) => fields.key!.endsWith(id))!.content;
    expect(prompt).toMatchObject({ prompt: "What are these?" });
    expect(prompt.attachments.map(contentOf)).toEqual(["png", "gnp"]);
    expect(chat.status).toBe("ready");
  });

  test("are not uploaded again for another answer to the same question", async () => {
    const { to, chat } = await chatting();
    await chat.sendMessage({ text: "What is this?", files: [file("data:image/png,png")] });
    to.offers = 0;

    await chat.regenerate();

    expect(to.requests.some(({ path }) => path.endsWith("/regenerate"))).toBe(true);
    expect(to.offers).toBe(0);
  });

  test("at an address elsewhere are refused, and nothing is asked", async () => {
    const { to, chat } = await chatting();

    await chat.sendMessage({ text: "What is this?", files: [file("https://example.com/otter.png")] });

    expect(chat.error).toMatchObject({ code: "bad_option" });
    expect(chat.error!.message).toContain("otter.png");
    expect(to.requests).toEqual([]);
  });

  test("that are refused end the question with the reason", async () => {
    const { to, chat } = await chatting();
    to.uploadRefusals.push({ status: 400, text: "<Code>EntityTooLarge</Code>" });

    await chat.sendMessage({ text: "What is this?", files: [file("data:image/png,png")] });

    expect(chat.error).toMatchObject({
      code: "upload_refused",
      message: expect.stringContaining("EntityTooLarge"),
    });
    expect(promptsOf(to)).toEqual([]);
  });
});

test("a format in the body of a request is that of the answer", async () => {
  const { to, chat } = await chatting();
  const responseFormat = { type: "json_object" };

  await chat.sendMessage({ text: "Name one" }, { body: { responseFormat } });

  expect(promptsOf(to)).toMatchObject([{ response_format: responseFormat }]);
});
