// Without a DOM, as on a server.
import { renderToString } from "react-dom/server";
import { expect, onTestFinished, test } from "vitest";
import { FrameStreamClient } from "../src/index.ts";
import { FrameStreamChatTransport } from "../src/ai-sdk.ts";
import { useFrameStream, type ChatMessage } from "../src/react.ts";

const client = new FrameStreamClient({ httpUrl: "http://127.0.0.1:9", getToken: () => "token" });

function Chat({ messages }: { messages: ChatMessage[] }) {
  const { messages: shown, status, phase } = useFrameStream({ client, chatId: "otters", messages });
  return <p>{`${status} ${phase} ${shown.map(({ text }) => text).join(" ")}`}</p>;
}

const said = (text: string): ChatMessage => ({
  ...{ id: text, role: "user", text, status: "completed", generationId: null },
});

test("a server renders what it is given, opens nothing, and keeps no user's messages for the next", () => {
  expect(renderToString(<Chat messages={[said("mine")]} />)).toBe("<p>ready idle mine</p>");
  expect(renderToString(<Chat messages={[said("yours")]} />)).toBe("<p>ready idle yours</p>");
  expect(client.phase).toBe("idle");
});

test("a server makes a transport without looking at any storage", () => {
  const whole = Object.getOwnPropertyDescriptor(globalThis, "localStorage");
  Object.defineProperty(globalThis, "localStorage", {
    configurable: true,
    get: () => {
      throw new Error("There is no storage on a server.");
    },
  });
  onTestFinished(() => void Object.defineProperty(globalThis, "localStorage", whole ?? { value: undefined }));

  expect(() => new FrameStreamChatTransport({ client })).not.toThrow();
});
