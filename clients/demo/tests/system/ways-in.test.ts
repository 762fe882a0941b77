/** What else reaches the system: a token of one's own, and pages without the client or this page. */

import { readFileSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { shoot } from "../support/browser.ts";
import { answerTo as sourceTo } from "../support/model.ts";
import { blockOf, follow } from "../support/reader.ts";
import { answerTo, context, describePageOnSystem, system, user } from "../support/system-page.ts";
import { Tab } from "../support/tab.ts";

const CHANNELS_CLASS = readFileSync(new URL("../support/channels-class.js", import.meta.url), "utf8");
const PATIENT = { timeout: 60_000 };

describePageOnSystem(() => {
  test("lets in who brings a token, where nobody gives out any", async () => {
    const site = { httpUrl: system.httpUrl, signIn: "token" };
    await context.route("**/framestream.json", (route) => route.fulfill({ json: site }));
    await context.route("**/token", (route) => route.abort());
    const tab = await Tab.at(context, system.page);
    const sign = (token: string) => tab.signIn("Token", token);

    await sign("otters");
    await tab.page.getByRole("alert").filter({ hasText: "not a token" }).waitFor();
    await shoot(tab, "token");
    await sign(await system.token(user()));
    await tab.ask("40 words, 40 a second");
    await tab.page.reload();
    await tab.answerIs("completed");

    expect(await tab.answer()).toBe(answerTo("40 words"));
    expect(await tab.page.locator(".who").textContent()).toBe(user());
  });

  test("serves a class that was written for Channels, as it is", async () => {
    const { page } = await Tab.at(context, system.page);
    const { httpUrl, websocketUrl: url } = system;
    const token = await system.token(user());

    await page.evaluate(CHANNELS_CLASS + ";globalThis.ChatSocket = ChatSocket");
    const heard = await page.evaluate(
      async ({ httpUrl, url, token, user_id }) => {
        const heard = { statuses: [] as string[], text: "", final: "", errors: [] as string[] };
        await new Promise<void>((resolve, reject) => {
          const socket = new ChatSocket({
            ...{ url, userId: user_id, token },
            onStatusUpdate: (status) => heard.statuses.push(status) && status === "completed" && resolve(),
            onFrameUpdate: (frame) => (heard.text += frame.delta ?? ""),
            onFinalResponse: (data) => (heard.final = data.response),
            onError: (error) => heard.errors.push(error),
            onAuthError: () => reject(new Error("not let in")),
          });
          socket.connect();
          const body = JSON.stringify({ user_id, chat_id: "otters", prompt: "80 words, 40 a second" });
          const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
          void fetch(`${httpUrl}/api/chat/generate-response`, { method: "POST", headers, body });
        });
        return heard;
      },
      { httpUrl, url, token, user_id: user() },
    );

    expect(heard.statuses).toEqual(["started", "processing", "thinking", "streaming", "completed"]);
    expect(heard.text).toBe(sourceTo("80 words"));
    expect(heard.final).toBe(sourceTo("80 words"));
    expect(heard.errors).toEqual([]);
  });

  test("is not the only one: the README's own page works", async () => {
    onTestFinished(follow(blockOf("README.md", "Your own page in ten minutes", "sh"), system.state));
    const page = await context.newPage();
    await expect
      .poll(
        () =>
          page.goto("http://localhost:8000").then(
            () => true,
            () => false,
          ),
        PATIENT,
      )
      .toBe(true);

    await page.getByRole("textbox").fill("80 words, 40 a second");
    await page.getByRole("button", { name: "Ask" }).click();

    const text = () => page.locator("#answer").textContent();
    await expect.poll(text, PATIENT).toBe(sourceTo("80 words"));
  });

  test("is not needed: neither is the client, with the quick start's function", async () => {
    const { page } = await Tab.at(context, system.page);
    const { httpUrl, websocketUrl: socketUrl } = system;
    const token = await system.token(user());

    await page.evaluate(blockOf("docs/quick-start.md", "Without the client", "js") + ";globalThis.ask = ask");
    const text = await page.evaluate(
      async (given) => {
        let text = "";
        ask({ ...given, chatId: "otters", prompt: "80 words, 40 a second", show: (all) => (text = all) });
        while (!text.endsWith(given.end)) await new Promise((resolve) => setTimeout(resolve, 50));
        return text;
      },
      { httpUrl, socketUrl, token, userId: user(), end: sourceTo("80 words").slice(-200) },
    );

    expect(text).toBe(sourceTo("80 words"));
  });
});

/** What docs/quick-start.md defines. */
declare function ask(options: {
  socketUrl: string;
  httpUrl: string;
  userId: string;
  token: string;
  chatId: string;
  prompt: string;
  show(text: string): void;
}): WebSocket;

/** What tests/support/channels-class.js defines. */
declare class ChatSocket {
  constructor(options: {
    url: string;
    userId: string;
    token: string;
    onStatusUpdate(status: string, message: string): void;
    onFrameUpdate(frame: { delta?: string }): void;
    onFinalResponse(data: { response: string }): void;
    onError(error: string): void;
    onAuthError(): void;
  });
  connect(): void;
}
