/** What the page promises, in a real browser against the real system. */

import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { Contract } from "../support/contract.ts";
import { answerTo as sourceTo } from "../support/model.ts";
import { blockOf, follow } from "../support/reader.ts";
import { up, type System } from "../support/system.ts";
import { Tab, wordsOf } from "../support/tab.ts";

const BROWSER = process.env.CHROMIUM ?? "/usr/bin/chromium";
const SHOTS = new URL("../../test-results/", import.meta.url).pathname;
const CHANNELS_CLASS = readFileSync(new URL("../support/channels-class.js", import.meta.url), "utf8");
const PATIENT = { timeout: 20_000 };
/** The words of the answer to a prompt, as the page shows them. */
const answerTo = (prompt: string) => wordsOf(sourceTo(prompt));
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

let system: System;
let browser: Browser;
let context: BrowserContext;
let users = 0;
const contract = new Contract();

if (!existsSync(BROWSER))
  console.warn(`There is no browser at ${BROWSER}; its tests are left out. CHROMIUM names another.`);

describe.skipIf(!existsSync(BROWSER))("the page", () => {
  beforeAll(async () => {
    mkdirSync(SHOTS, { recursive: true });
    system = await up();
    browser = await chromium.launch({ executablePath: BROWSER, args: ["--no-sandbox"] });
  }, 300_000);

  afterAll(async () => {
    await browser?.close();
    await system?.down();
  }, 60_000);

  beforeEach(async () => {
    users++; // A user's sockets are capped, so each test has a user of its own.
    await browseWith({ viewport: { width: 1280, height: 800 } });
  });

  afterEach(async () => {
    system.cable.plugIn();
    await context.close();
    expect(contract.breaches).toEqual([]);
  });

  const browseWith = async (options: BrowserContextOptions) => {
    context = await browser.newContext(options);
    contract.watch(context);
    await system.connect(context);
  };

  const user = () => `user_${users}`;

  /** All of a test's tabs show one chat. */
  const open = () => Tab.open(context, `${system.page}/#/chats/otters`, user());

  /** Say how many seconds the tokens of this test live. */
  const tokensLive = (lifetime: () => number) =>
    context.route("**/token", async (route) => {
      const { userId } = route.request().postDataJSON() as { userId: string };
      await route.continue({ postData: JSON.stringify({ userId, lifetime: lifetime() }) });
    });

  test("shows the same in two tabs", async () => {
    const [here, there] = [await open(), await open()];
    await Promise.all([here.says("Connected"), there.says("Connected")]);

    await here.ask("120 words, 30 a second");
    const early = await there.answer(100);
    await Promise.all([here.answerIs("completed"), there.answerIs("completed")]);

    expect(early.length).toBeLessThan(answerTo("120 words").length);
    expect([await here.answer(), await there.answer()]).toEqual([
      answerTo("120 words"),
      answerTo("120 words"),
    ]);
  });

  test("shows an answer while it is written", async () => {
    const tab = await open();
    await tab.says("Connected");
    const prompt = "Why do otters hold hands?";
    expect(await tab.page.locator("#panel").count()).toBe(0);
    await tab.lookBehind();

    await tab.ask(prompt);
    const early = await tab.answer(480);
    await tab.page.screenshot({ path: `${SHOTS}streaming.png` });
    await tab.answerIs("completed");

    expect(early.length).toBeLessThan(answerTo(prompt).length);
    expect(await tab.answer()).toBe(answerTo(prompt));
    expect(await tab.fact("First text after")).toMatch(/\d+ ms/);
  });

  test("is dark for those who like it, small where there is little room, and at rest where motion is not wanted", async () => {
    await context.close();
    await browseWith({
      ...{ viewport: { width: 390, height: 780 }, colorScheme: "dark", reducedMotion: "reduce" },
    });
    const tab = await open();

    await tab.ask("40 words, 40 a second");
    await tab.answerIs("completed");
    await tab.page.screenshot({ path: `${SHOTS}dark-and-small.png` });

    expect(await tab.answer()).toBe(answerTo("40 words"));
    expect(await tab.page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  });

  test("goes on after a reload in the middle", async () => {
    const tab = await open();
    await tab.ask("150 words, 30 a second");
    await tab.answer(150);

    await tab.page.reload();
    await tab.answer(160);
    await tab.answerIs("completed");

    expect(await tab.answer()).toBe(answerTo("150 words"));
    expect(await tab.page.locator(".message").count()).toBe(2);
  });

  test("comes back when the plug does", async () => {
    const tab = await open();
    await tab.ask("200 words, 30 a second");
    await tab.answer(100);

    await context.setOffline(true);
    system.cable.pullOut();
    await tab.says("Offline");
    await tab.page.getByRole("alert").filter({ hasText: "This device is offline" }).waitFor();
    await tab.page.screenshot({ path: `${SHOTS}offline.png` });
    await pause(2000);
    system.cable.plugIn();
    await context.setOffline(false);

    await tab.says("Connected");
    await tab.answerIs("completed");
    expect(await tab.answer()).toBe(answerTo("200 words"));
  });

  test("loses no character to 20 cuts in one long answer", async () => {
    const tab = await open();
    await tab.ask("900 words, 30 a second");
    await tab.answer(10);

    let cuts = 0;
    while (cuts < 20) {
      await tab.says("Connected");
      cuts += system.cable.cut();
      await pause(100);
    }
    const during = await tab.answer();
    await tab.answerIs("completed");

    expect(during.length).toBeLessThan(answerTo("900 words").length);
    expect(await tab.answer()).toBe(answerTo("900 words"));
  }, 180_000);

  test("does not mind that the server closes its connection", async () => {
    const tab = await open();
    await tab.lookBehind();
    await tab.ask("200 words, 30 a second");
    await tab.answer(100);
    const id = await tab.page.locator("#panel dl").getAttribute("data-connection-id");

    await system.hangUp(id!);
    await tab.page.locator(`#panel dl:not([data-connection-id="${id}"])`).waitFor();
    await tab.answerIs("completed");

    expect(await tab.answer()).toBe(answerTo("200 words"));
  });

  test("rolls over to a new connection before the old one ends with its token, unseen", async () => {
    await tokensLive(() => 15);
    const tab = await open();
    await tab.says("Connected");
    await tab.lookBehind();
    const id = await tab.page.locator("#panel dl").getAttribute("data-connection-id");
    const badges = tab.page.evaluate(
      () =>
        new Promise<string[]>((resolve) => {
          const seen = new Set<string>();
          const look = setInterval(() => seen.add(document.querySelector(".badge")!.textContent!), 20);
          setTimeout(() => (clearInterval(look), resolve([...seen])), 20_000);
        }),
    );

    await tab.ask("600 words, 30 a second");
    await tab.page.locator(`#panel dl:not([data-connection-id="${id}"])`).waitFor({ timeout: 30_000 });
    await tab.answerIs("completed");

    expect(await tab.answer()).toBe(answerTo("600 words"));
    expect(await badges).toEqual(["Connected"]);
  }, 90_000);

  test("replaces an expired token by itself", async () => {
    let given = 0;
    await tokensLive(() => (given++ === 0 ? -60 : 3600));

    const tab = await open();
    await tab.says("Connected");

    expect(given).toBe(2);
  });

  test("asks to sign in again when no token is good", async () => {
    await tokensLive(() => -60);

    const tab = await open();

    await tab.says("Not connected");
    await tab.page.getByRole("alert").filter({ hasText: "Sign in again" }).waitFor();
  });

  test("says in words that there are too many pages, and connects once there is a place", async () => {
    const tabs = [await open(), await open(), await open()];
    await Promise.all(tabs.map((tab) => tab.says("Connected")));

    const fourth = await open();
    await fourth.says("Waiting for a place");
    await fourth.page.getByRole("alert").filter({ hasText: "too many pages open" }).waitFor();
    await fourth.ask("40 words, 40 a second");
    await fourth.page.locator(".state", { hasText: "too many of your pages are open" }).waitFor();
    await fourth.page.screenshot({ path: `${SHOTS}too-many-pages.png` });
    await tabs[0]!.page.close();

    await fourth.says("Connected", 40_000);
  }, 90_000);

  test("stops an answer, also with the keyboard, and keeps what there was", async () => {
    const tab = await open();
    await tab.says("Connected");
    await tab.ask("900 words, 30 a second");
    await tab.answer(60);
    const left = system.model.left();

    await tab.page.keyboard.press("Escape");
    await tab.answerIs("cancelled");

    const text = await tab.answer();
    expect(answerTo("900 words").startsWith(text)).toBe(true);
    expect(text.length).toBeGreaterThan(59);
    await expect.poll(() => system.model.left()).toBe(left + 1);
    expect(await tab.page.getByRole("button", { name: "Ask again" }).isVisible()).toBe(true);
  });

  test("can be used without a mouse, and without seeing it", async () => {
    const tab = await Tab.at(context, system.page);
    const { keyboard } = tab.page;
    const focused = () => tab.page.evaluate(() => document.activeElement?.id);
    const spoken = tab.page.getByRole("status").and(tab.page.locator(".unseen"));
    await tab.page.getByLabel("Demo user").waitFor();
    await keyboard.press("Control+A");
    await keyboard.type(user());
    await keyboard.press("Enter");
    await tab.says("Connected");

    await keyboard.type("900 words, 30 a second");
    await keyboard.press("Enter");
    await tab.answer(60);
    expect(await spoken.textContent()).toBe("Writing …");
    await keyboard.press("Tab");
    await keyboard.press("Enter");
    await tab.answerIs("cancelled");

    expect(await spoken.textContent()).toBe("Stopped. This is what there was.");
    expect(await focused()).toBe("prompt");
    await keyboard.press("Shift+Tab");
    await keyboard.press("Enter");
    await tab.answerIs("streaming");
    expect(await focused()).toBe("prompt");
    await keyboard.press("Escape");
    await tab.answerIs("cancelled");
  });

  test("tells a screen reader how the answer stands, and not its text; its headings are in order", async () => {
    const tab = await open();
    await tab.ask("300 words, 300 a second");
    await tab.answerIs("completed");

    const spoken = await tab.page.getByRole("status").allTextContents();
    const levels = await tab.page
      .locator("h1, h2, h3")
      .evaluateAll((all) => all.map(({ tagName }) => tagName));

    expect(spoken).toEqual(["Connected", "The answer is complete."]);
    expect(levels).toEqual(["H1", "H2", "H2"]);
  });

  test("says at each failed answer why it failed, once, and tries that one again", async () => {
    const tab = await open();
    await tab.says("Connected");
    await tab.ask("Something forbidden");
    await tab.answerIs("failed");
    const headers = { "access-control-allow-origin": "*" };
    const problem = { status: 413, headers, json: { code: "prompt_too_large", detail: "Too large." } };
    await context.route("**/generate-response", (route) => route.fulfill(problem));
    await tab.ask("30 words, 100 a second");
    await tab.page.locator("[data-status=failed]").nth(1).waitFor();
    const states = await tab.page.locator("[data-role=assistant] .state").allTextContents();
    await tab.page.screenshot({ path: `${SHOTS}failed.png` });

    expect(states).toEqual([
      "The model declined to answer this: it was filtered.",
      "Not sent. This question is too long. Shorten it, please.",
    ]);
    for (const state of states) expect(await tab.page.getByText(state, { exact: true }).count()).toBe(1);
    expect(await tab.page.getByText("broke off").count()).toBe(0);

    await context.unroute("**/generate-response");
    await tab.page
      .locator(".message", { hasText: "Not sent" })
      .getByRole("button", { name: "Try again" })
      .click();
    await tab.answerIs("completed");
    expect(await tab.answer()).toBe(answerTo("30 words"));
    expect(await tab.page.locator("[data-status=failed]").count()).toBe(1);
  });

  test("shows a question with its answer in the tab that did not ask, and asks it again from there", async () => {
    const [here, there] = [await open(), await open()];
    await Promise.all([here.says("Connected"), there.says("Connected")]);

    await here.ask("40 words, 100 a second");
    await Promise.all([here.answerIs("completed"), there.answerIs("completed")]);
    expect(await there.page.locator("[data-role=user] .text").allInnerTexts()).toEqual([
      "40 words, 100 a second",
    ]);
    await there.page.getByRole("button", { name: "Ask again" }).click();

    for (const { page } of [here, there])
      await page.getByRole("group", { name: "Versions of the answer" }).getByText("2 / 2").waitFor();
    await Promise.all([here.answerIs("completed"), there.answerIs("completed")]);
    expect([await here.answer(), await there.answer()]).toEqual([answerTo("40 words"), answerTo("40 words")]);
  });

  test("keeps chats: in the list, under their titles, until they are deleted", async () => {
    const tab = await Tab.open(context, system.page, user());
    const link = tab.page.getByRole("link", { name: "40 words, 100 a second" });
    await tab.ask("40 words, 100 a second");
    await tab.answerIs("completed");
    await link.waitFor();
    await tab.page.getByRole("button", { name: "New chat" }).click();
    await tab.page.getByText("What would you like to know?").waitFor();
    await link.click();
    await tab.answerIs("completed");
    expect(await tab.answer()).toBe(answerTo("40 words"));

    await link.hover();
    await tab.page.getByRole("button", { name: "Delete “40 words, 100 a second”" }).click();
    await tab.page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await tab.page.getByText("What would you like to know?").waitFor();
    await tab.page.reload();
    await tab.page.getByText("Your chats will be listed here.").waitFor();
  });

  test("lets wait what is asked meanwhile, and answers it next", async () => {
    const tab = await open();
    await tab.ask("60 words, 20 a second");
    await tab.answer(30);
    await tab.ask("41 words, 100 a second");
    await tab.page.getByText("Asked next").waitFor();

    await tab.page.locator("[data-role=assistant][data-status=completed]").nth(1).waitFor();

    expect(await tab.answer()).toBe(answerTo("41 words"));
    expect(await tab.page.locator(".message").count()).toBe(4);
  });

  test("copies an answer", async () => {
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    const tab = await open();
    await tab.ask("40 words, 100 a second");
    await tab.answerIs("completed");

    await tab.page.getByRole("button", { name: "Copy the answer" }).click();
    await tab.page.getByText("Copied", { exact: true }).waitFor();

    expect(await tab.page.evaluate(() => navigator.clipboard.readText())).toBe(sourceTo("40 words"));
  });

  test("writes from right to left what is read so", async () => {
    const tab = await open();
    await tab.ask("שלום, 20 words");
    await tab.answerIs("completed");

    const directions = await tab.page
      .locator("p.text, .markdown > p")
      .evaluateAll((all) => all.map((text) => getComputedStyle(text).direction));
    expect(directions).toEqual(["rtl", "ltr"]);
  });

  test("works without storage", async () => {
    await context.addInitScript(() => {
      for (const name of ["localStorage", "sessionStorage"])
        Object.defineProperty(window, name, {
          get() {
            throw new DOMException("The operation is insecure.", "SecurityError");
          },
        });
    });
    const tab = await open();
    await tab.ask("40 words, 100 a second");
    await tab.answerIs("completed");

    expect(await tab.answer()).toBe(answerTo("40 words"));
  });

  test("lets in who brings a token, where nobody gives out any", async () => {
    const site = { httpUrl: system.httpUrl, signIn: "token" };
    await context.route("**/framestream.json", (route) => route.fulfill({ json: site }));
    await context.route("**/token", (route) => route.abort());
    const tab = await Tab.at(context, system.page);
    const sign = (token: string) => tab.signIn("Token", token);

    await sign("otters");
    await tab.page.getByRole("alert").filter({ hasText: "not a token" }).waitFor();
    await tab.page.screenshot({ path: `${SHOTS}token.png` });
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

  test("has heard every kind of message of an answer, and judged each by the published schemas", () => {
    const kinds = ["heartbeat", "system", "chat_message", "llm_status", "llm_frame", "llm_response"];

    for (const kind of kinds) expect(contract.heard[kind], kind).toBeGreaterThan(10);
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
