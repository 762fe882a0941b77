/**
 * A model that writes as long and as fast as its prompt says: "300 words, 20 a second"; or else, of otters. A prompt
 * with "forbidden" in it is filtered.
 */

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

const ODD = ["🦦", "naïve", "漢字", "👩‍👩‍👧", "é́"];
const PLAIN = "otters hold hands while they sleep so that they do not drift apart".split(" ");

export interface Model {
  url: string;
  /** Requests that were left before their answer's end. */
  left(): number;
  close(): void;
}

const OTTERS = [
  "Otters hold hands, or more exactly paws, so that they do not drift apart while they sleep.\n\n",
  "Sea otters rest on their backs at the surface, where currents and waves would carry each of them somewhere else. ",
  "A mother may also wrap her pup in a strand of kelp that grows from the sea floor, as a boat is tied to its buoy. ",
  "Several animals together are called a raft, and rafts of more than a hundred have been counted.\n\n",
  "There is a second reason: warmth. Otters have no blubber, only the densest fur of all mammals, and paws lose heat. ",
  "Out of the water, and held by somebody, they stay dry. Whether they enjoy it as well, nobody has asked them yet.",
].join("");

/** The whole answer to a prompt. */
export function answerTo(prompt: string): string {
  return wordsOf(prompt).join("");
}

function wordsOf(prompt: string): string[] {
  const count = /(\d+) words/.exec(prompt)?.[1];
  if (!count) return OTTERS.match(/\S+\s*/g)!;
  return Array.from({ length: Number(count) }, (_, n) => {
    const words = n % 9 === 8 ? ODD : PLAIN;
    return `${words[n % words.length]} `;
  });
}

export async function startModel(): Promise<Model> {
  let left = 0;
  const server: Server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    const { messages } = JSON.parse(body) as { messages: { content: string }[] };
    const prompt = messages.at(-1)!.content;
    if (prompt.includes("forbidden")) {
      response.writeHead(400, { "content-type": "application/json" });
      const error = { message: "It was filtered.", type: "invalid_request_error", code: "content_filter" };
      return void response.end(JSON.stringify({ error }));
    }
    const perSecond = Number(/(\d+) a second/.exec(prompt)?.[1] ?? 30);
    let gone = false;
    response.on("close", () => (gone = true));
    response.writeHead(200, { "content-type": "text/event-stream" });
    const say = (delta: object, finish_reason: string | null = null) => {
      const choices = [{ index: 0, delta, finish_reason }];
      const chunk = { id: "1", object: "chat.completion.chunk", created: 1, model: "slow", choices };
      response.write(`data: ${JSON.stringify(chunk)}\n\n`);
    };
    for (const content of wordsOf(prompt)) {
      if (gone) return void left++;
      say({ content });
      await new Promise((resolve) => setTimeout(resolve, 1000 / perSecond));
    }
    say({}, "stop");
    response.end("data: [DONE]\n\n");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/v1`, left: () => left, close: () => void server.close() };
}
