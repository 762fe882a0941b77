/** What the page looks like and does, in a real browser against a back end in this process. */

import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { FakeBackend } from "./support/fake-backend.ts";
import { servePage, type ServedPage } from "./support/served-page.ts";
import { Tab, wordsOf } from "./support/tab.ts";

const BROWSER = process.env.CHROMIUM ?? "/usr/bin/chromium";
const SHOTS = new URL("../test-results/", import.meta.url).pathname;
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const RICH = readFileSync(new URL("support/rich-answer.md", import.meta.url), "utf8");

describe.skipIf(!existsSync(BROWSER))("the page", () => {
  let served: ServedPage;
  let browser: Browser;
  let context: BrowserContext;
  let backend: FakeBackend;
  let complaints: string[];

  beforeAll(async () => {
    mkdirSync(SHOTS, { recursive: true });
    served = await servePage();
    browser = await chromium.launch({ executablePath: BROWSER, args: ["--no-sandbox"] });
  }, 300_000);

  afterAll(async () => {
    await browser?.close();
    served?.end();
  });

  const browseWith = async (options: BrowserContextOptions) => {
    await context?.close();
    backend = new FakeBackend();
    complaints = [];
    context = await browser.newContext(options);
    context.setDefaultTimeout(30_000);
    context.on("weberror", (error) => complaints.push(String(error.error())));
    context.on("console", (message) => {
      // Refused by the policy of the page, or an error of React's.
      if (message.type() === "error" && !/status of 4\d\d/.test(message.text()))
        complaints.push(message.text());
    });
    await backend.connect(context);
  };

  beforeEach(() => browseWith({ viewport: { width: 1280, height: 800 } }));

  afterEach(async () => {
    expect(complaints).toEqual([]);
  });

  const open = async (hash = "") => {
    const tab = await Tab.open(context, served.url + hash, "demo");
    await tab.says("Connected");
    return tab;
  };

  const shoot = (tab: Tab, name: string) => tab.page.screenshot({ path: `${SHOTS}${name}.png` });

  /** What the accessibility checker finds. */
  const findings = async ({ page }: Tab): Promise<string[]> => {
    await page.evaluate(AXE);
    return page.evaluate(async () => {
      const { violations } = await axe.run({ resultTypes: ["violations"] });
      return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
    });
  };

  const messages = (tab: Tab) => tab.page.locator(".message");
  const button = (tab: Tab, name: string | RegExp) => tab.page.getByRole("button", { name });
  const chats = (tab: Tab) => tab.page.getByRole("navigation", { name: "Chats" });
  const texts = async (tab: Tab) => (await messages(tab).locator(".text").allInnerTexts()).map(wordsOf);
  const focused = ({ page }: Tab) =>
    page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.id);

  const LIMITED = {
    day: { used_tokens: 41_200, held_tokens: 800, limit_tokens: 50_000, is_warned: true },
    month: { used_cost: 3_120_000, limit_cost: 20_000_000 },
  };

  describe.each([
    ["light", { viewport: { width: 1280, height: 800 } }],
    ["dark", { viewport: { width: 1280, height: 800 }, colorScheme: "dark" as const }],
    ["phone", { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true }],
  ])("%s", (name, options) => {
    beforeEach(() => browseWith(options));

    test("has no faults of accessibility, with anything that it shows", async () => {
      const signedOut = await Tab.at(context, served.url);
      await button(signedOut, "Sign in").waitFor();
      expect(await findings(signedOut)).toEqual([]);
      await signedOut.page.close();

      backend.usage = LIMITED;
      for (const title of [
        "Kelp forests",
        "שאלה על לוטרות",
        "A letter to the harbour master about the boats",
      ])
        backend.askElsewhere(title, title);
      const tab = await open();
      await shoot(tab, `${name}-new`);
      expect(await findings(tab)).toEqual([]);

      backend.script.text = () => RICH;
      await tab.ask("How do otters sleep?");
      await tab.answerIs("completed");
      await tab.page.locator(".hljs-keyword").first().waitFor();
      await shoot(tab, `${name}-answer`);
      expect(await findings(tab)).toEqual([]);

      backend.script.pieces = 12;
      await tab.ask("And what do they eat, and when? Think of the seasons, please.");
      await tab.answerIs("streaming");
      await tab.ask("Thank you!");
      await tab.page.getByText("Asked next").waitFor();
      await tab.lookBehind();
      await shoot(tab, `${name}-writing`);
      expect(await findings(tab)).toEqual([]);
      await tab.lookBehind();
      await button(tab, "Stop").click();
      await tab.page.getByText("Paused").waitFor();
      await messages(tab).first().hover();
      await messages(tab).first().getByRole("button", { name: "Edit" }).click();
      await shoot(tab, `${name}-editing`);
      expect(await findings(tab)).toEqual([]);
      expect(await tab.page.evaluate(() => document.documentElement.scrollWidth)).toBe(
        options.viewport.width,
      );
    }, 120_000);

    test("asks before it deletes", async () => {
      backend.usage = LIMITED;
      backend.askElsewhere("Kelp", "Kelp forests");
      const tab = await open();
      if (name.startsWith("phone")) await button(tab, "Chats").click();
      await shoot(tab, `${name}-chats`);
      expect(await findings(tab)).toEqual([]);
      await chats(tab).getByRole("link", { name: "Kelp forests" }).hover();
      await button(tab, "Delete “Kelp forests”").click();
      await tab.page.getByRole("dialog").waitFor();
      await shoot(tab, `${name}-delete`);

      expect(await findings(tab)).toEqual([]);
    });
  });

  test("shows the chat again after a reload, and in a tab that comes later", async () => {
    const tab = await open();
    await tab.ask("Who are you?");
    await tab.answerIs("completed");
    await tab.page.reload();
    await tab.answerIs("completed");

    const other = await open(new URL(tab.page.url()).hash);
    await other.answerIs("completed");

    expect(await texts(tab)).toEqual(["Who are you?", "You asked: Who are you?"]);
    expect(await texts(other)).toEqual(await texts(tab));
    expect(await tab.page.title()).toBe("Who are you? · framestream");
  });

  test("shows a question with its answer in both tabs, while it is written", async () => {
    const here = await open();
    await here.ask("First");
    await here.answerIs("completed");
    const there = await open(new URL(here.page.url()).hash);
    await there.answerIs("completed");

    backend.script.pieces = 2;
    await here.ask("Second");
    await there.answerIs("streaming");

    expect((await texts(there)).at(-2)).toBe("Second");
    backend.release();
    await there.page.locator("[data-status=completed]").nth(1).waitFor();
    expect(await texts(there)).toEqual(await texts(here));
  });

  test("begins another chat, each with an address of its own", async () => {
    const tab = await open();
    await tab.ask("Otters");
    await tab.answerIs("completed");
    const first = tab.page.url();

    await button(tab, "New chat").click();
    await tab.page.getByText("What would you like to know?").waitFor();
    await expect.poll(() => focused(tab)).toBe("prompt");
    await tab.ask("Kelp");
    await tab.answerIs("completed");
    expect(await texts(tab)).toEqual(["Kelp", "You asked: Kelp"]);
    expect(tab.page.url()).not.toBe(first);

    await chats(tab).getByRole("link", { name: "Otters" }).click();
    await messages(tab).filter({ hasText: "You asked: Otters" }).waitFor();
    expect(tab.page.url()).toBe(first);
    expect(await chats(tab).locator("[aria-current=page]").innerText()).toBe("Otters");
    await tab.page.goBack();
    await messages(tab).filter({ hasText: "You asked: Kelp" }).waitFor();
  });

  test("lists what another device asks, the latest first", async () => {
    const tab = await open();
    await tab.page.getByText("Your chats will be listed here.").waitFor();

    backend.askElsewhere("a", "Older");
    await chats(tab).getByRole("link", { name: "Older" }).waitFor();
    backend.askElsewhere("b", "Newer");
    await chats(tab).getByRole("link", { name: "Newer" }).waitFor();

    expect(await chats(tab).getByRole("link").allInnerTexts()).toEqual(["Newer", "Older"]);
  });

  test("renames a chat, on all devices; Escape changes nothing", async () => {
    const tab = await open();
    await tab.ask("Otters");
    await tab.answerIs("completed");
    const other = await open(new URL(tab.page.url()).hash);

    await chats(tab).getByRole("link", { name: "Otters" }).hover();
    await button(tab, "Rename “Otters”").click();
    await tab.page.keyboard.type("Nothing");
    await tab.page.keyboard.press("Escape");
    await expect.poll(() => focused(tab)).toBe("Rename “Otters”");
    await tab.page.keyboard.press("Enter");
    await tab.page.keyboard.type("Kelp");
    await tab.page.keyboard.press("Enter");

    for (const { page } of [tab, other])
      await page.getByRole("heading", { level: 1, name: "Kelp" }).waitFor();
    await chats(other).getByRole("link", { name: "Kelp" }).waitFor();
  });

  test("deletes a chat for good, on all devices, and only if that is meant", async () => {
    const tab = await open();
    await tab.ask("Otters");
    await tab.answerIs("completed");
    const other = await open(new URL(tab.page.url()).hash);
    await other.answerIs("completed");
    const del = button(tab, "Delete “Otters”");

    await chats(tab).getByRole("link", { name: "Otters" }).hover();
    await del.click();
    await tab.page.keyboard.press("Enter"); // In haste: it is kept.
    await tab.page.getByRole("dialog").waitFor({ state: "detached" });
    await del.click();
    await tab.page.keyboard.press("Escape");
    await tab.page.getByRole("dialog").waitFor({ state: "detached" });
    expect(await messages(tab).count()).toBe(2);
    await del.click();
    await tab.page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();

    await tab.page.getByText("What would you like to know?").waitFor();
    await other.page.getByText("This chat was deleted").waitFor();
    expect(await chats(other).getByRole("link").count()).toBe(0);
    expect(await messages(other).count()).toBe(0);
  });

  test("asks a question otherwise in a branch of its own, and leads from one to the other", async () => {
    const tab = await open();
    await tab.ask("Otters?");
    await tab.answerIs("completed");

    await messages(tab).first().hover();
    await button(tab, "Edit the question").click();
    await tab.page.keyboard.type(" Of the sea.");
    await tab.page.keyboard.press("Enter");
    await messages(tab).filter({ hasText: "You asked: Otters? Of the sea." }).waitFor();
    const arrows = tab.page.getByRole("group", { name: "Versions of the question" });
    expect(wordsOf(await arrows.innerText())).toBe("2 / 2");

    await arrows.getByRole("button", { name: "The version before" }).click();
    await expect.poll(() => texts(tab)).toEqual(["Otters?", "You asked: Otters?"]);
    await expect.poll(() => focused(tab)).toBe("The version before");
    await arrows.getByRole("button", { name: "The next version" }).click();
    await expect.poll(() => texts(tab)).toEqual(["Otters? Of the sea.", "You asked: Otters? Of the sea."]);
  });

  test("leaves a question as it is if its change is given up", async () => {
    const tab = await open();
    await tab.ask("Otters?");
    await tab.answerIs("completed");

    await messages(tab).first().hover();
    await button(tab, "Edit the question").click();
    await tab.page.keyboard.type("!");
    await tab.page.keyboard.press("Escape");

    await expect.poll(() => focused(tab)).toBe("Edit the question");
    expect(await texts(tab)).toEqual(["Otters?", "You asked: Otters?"]);
  });

  test("keeps the answers before, when it asks again", async () => {
    let times = 0;
    backend.script.text = () => `Answer ${++times >> 1}.`;
    const tab = await open();
    await tab.ask("Otters?");
    await tab.answerIs("completed");
    const [, first] = await texts(tab);

    await button(tab, "Ask again").click();
    const arrows = tab.page.getByRole("group", { name: "Versions of the answer" });
    await arrows.waitFor();
    await tab.answerIs("completed");
    expect(wordsOf(await arrows.innerText())).toBe("2 / 2");
    expect((await texts(tab))[1]).not.toBe(first);
    await arrows.getByRole("button", { name: "The version before" }).click();

    await expect.poll(() => texts(tab)).toEqual(["Otters?", first]);
  });

  describe("while an answer is written", () => {
    let tab: Tab;
    const waiting = () => tab.page.getByRole("region", { name: "Waiting questions" });

    beforeEach(async () => {
      backend.script.pieces = 2;
      tab = await open();
      await tab.ask("First one");
      await tab.answerIs("streaming");
      await tab.ask("Second one");
      await waiting().getByText("Second one").waitFor();
    });

    test("what is asked waits, and is answered after it", async () => {
      expect(await messages(tab).count()).toBe(2);

      backend.release();
      await messages(tab).filter({ hasText: "You asked: Second one" }).waitFor();

      expect(await waiting().count()).toBe(0);
      expect((await texts(tab)).length).toBe(4);
    });

    test("what waits can be changed, and taken back, on all devices", async () => {
      const other = await open(new URL(tab.page.url()).hash);
      await other.page.getByText("Second one").waitFor();

      await button(other, "Edit “Second one”").click();
      await other.page.keyboard.type(", changed");
      await other.page.keyboard.press("Enter");
      await waiting().getByText("Second one, changed").waitFor();
      await button(tab, "Remove “Second one, changed”").click();

      await other.page.getByRole("region", { name: "Waiting questions" }).waitFor({ state: "detached" });
      expect(await focused(tab)).toBe("prompt");
    });

    test("stopping it pauses what waits, until that is resumed", async () => {
      await button(tab, "Edit “Second one”").waitFor(); // It has arrived.
      await tab.page.keyboard.press("Escape");
      await waiting().getByText("Paused").waitFor();
      await tab.answerIs("cancelled");
      backend.script.pieces = Infinity;
      await button(tab, "Resume").click();

      await messages(tab).filter({ hasText: "You asked: Second one" }).waitFor();
    });
  });

  test("copies an answer as it was written, a question, and code", async () => {
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    backend.script.text = () => RICH;
    const tab = await open();
    await tab.ask("How do otters sleep?");
    await tab.answerIs("completed");
    const copied = async (what: string) => {
      await button(tab, `Copy the ${what}`).click();
      await tab.page.getByText(`Copied the ${what}.`).waitFor({ state: "attached" });
      return tab.page.evaluate(() => navigator.clipboard.readText());
    };

    expect(await copied("answer")).toBe(RICH);
    expect(await copied("code")).toMatch(/^from dataclasses [^`]*$/);
    await messages(tab).first().hover();
    expect(await copied("question")).toBe("How do otters sleep?");
  });

  test("runs, fetches and shows nothing that a hostile answer asks for", async () => {
    const asked: string[] = [];
    context.on("request", (request) => asked.push(request.url()));
    backend.script.text = () => HOSTILE;
    const tab = await open();
    await tab.ask("Be evil");
    await tab.answerIs("completed");
    await tab.page.getByText("The end.").waitFor();
    await tab.page.waitForTimeout(200);

    const answer = tab.page.locator("[data-role=assistant] .text");
    const foreign = answer.locator(
      "script, img, iframe, svg:not(.icon), math, style, form, [style], [onerror]",
    );
    expect(await foreign.count()).toBe(0);
    const links = await answer
      .locator("a")
      .evaluateAll((all) => all.map((a) => `${a.getAttribute("href")} ${(a as HTMLAnchorElement).rel}`));
    for (const link of links) expect(link).toMatch(/^https:.* noopener noreferrer nofollow$/);
    expect(asked.filter((url) => url.includes("evil"))).toEqual([]);
    expect(await tab.page.evaluate(() => "stolen" in window)).toBe(false);
    expect(await answer.innerText()).toContain("<script>window.stolen = 1</script>");
  });

  test("renders only what is new of a growing answer", async () => {
    backend.script.text = () => RICH;
    backend.script.pieces = 60;
    const tab = await open();
    await tab.ask("How do otters sleep?");
    await tab.page.locator(".text ol").waitFor();
    const marked = await tab.page.evaluate(() => {
      const blocks = [...document.querySelectorAll("[data-role=assistant] .text > *")].slice(0, -1);
      const seen = { touched: 0 };
      const watch = new MutationObserver((changes) => (seen.touched += changes.length));
      for (const block of blocks)
        watch.observe(block, { subtree: true, childList: true, characterData: true, attributes: true });
      Object.assign(window, { seen, blocks });
      return blocks.length;
    });
    backend.release();
    await tab.answerIs("completed");

    expect(marked).toBeGreaterThan(1);
    const state = await tab.page.evaluate(() => {
      const { seen, blocks } = window as unknown as { seen: { touched: number }; blocks: Element[] };
      return { touched: seen.touched, isThere: blocks.every(({ isConnected }) => isConnected) };
    });
    expect(state).toEqual({ touched: 0, isThere: true });
  });

  test("shows no budget where there is none, and how much of it is used", async () => {
    const free = await open();
    await free.ask("Otters?");
    await free.answerIs("completed");
    expect(await free.page.getByRole("meter").count()).toBe(0);

    backend.usage = LIMITED;
    const tab = await open();
    const meter = tab.page.getByRole("meter", { name: "Today’s budget" });
    await meter.waitFor();

    expect(await meter.getAttribute("aria-valuenow")).toBe("84");
    expect(wordsOf(await tab.page.getByRole("region", { name: "Budget" }).innerText())).toMatch(
      /^Today 42,000 of 50,000 tokens Renews (on .*)?at .*\. This month \$3\.12 of \$20\.00$/,
    );
  });

  test("says why a question was not taken, and when to try again", async () => {
    const resets_at = new Date(Date.now() + 5_000).toISOString();
    const body = {
      code: "budget_exceeded",
      detail: "Used up.",
      retry_after: 5,
      resets_at,
      limit: "day_tokens",
    };
    backend.refusals.push({ status: 429, body });
    const tab = await open();
    await tab.ask("Otters?");
    await tab.answerIs("failed");
    await shoot(tab, "budget-exceeded");

    expect(await messages(tab).last().locator(".state").innerText()).toMatch(
      /^Not sent\. The budget for answers is used up\. Try again at .*\.$/,
    );
    await button(tab, "Try again").click();
    await tab.answerIs("completed");
    expect(await texts(tab)).toEqual(["Otters?", "You asked: Otters?"]);
  });

  test("says at each failed answer why it failed, and tries that one again", async () => {
    backend.script.failing = [/./, "llm_unavailable"];
    const tab = await open();
    await tab.ask("Otters?");
    await tab.answerIs("failed");
    await tab.page.getByRole("alert").filter({ hasText: "The model cannot be reached right now." }).waitFor();
    await tab.page.reload();
    await tab.answerIs("failed");
    expect(await tab.page.getByText("The model cannot be reached right now.").count()).toBe(1);
    expect(await tab.page.getByRole("alert").count()).toBe(0);

    backend.script.failing = null;
    await button(tab, "Try again").click();
    await tab.answerIs("completed");
    expect(await texts(tab)).toEqual(["Otters?", "You asked: Otters?"]);
  });

  test("tells a screen reader how the answer stands, and not its text", async () => {
    const tab = await open();
    await tab.page.evaluate(() => {
      const said: string[] = [];
      const listen = () =>
        document.querySelectorAll("[role=status], [role=alert], [aria-live]").forEach(({ textContent }) => {
          if (textContent && !said.includes(textContent)) said.push(textContent);
        });
      new MutationObserver(listen).observe(document, { subtree: true, childList: true, characterData: true });
      Object.assign(window, { said });
    });
    backend.script.pieces = 2;
    await tab.ask("Otters?");
    await tab.answerIs("streaming");
    backend.release();
    await tab.answerIs("completed");
    await expect
      .poll(() => tab.page.evaluate(() => (window as never as { said: string[] }).said))
      .toContain("The answer is complete.");

    const said = await tab.page.evaluate(() => (window as never as { said: string[] }).said);
    expect(said.filter((sentence) => sentence.includes("You asked"))).toEqual([]);
  });

  test("opens the list of chats on a phone, keeps the focus in it, and gives it back", async () => {
    await browseWith({ viewport: { width: 390, height: 780 }, reducedMotion: "reduce" });
    backend.askElsewhere("kelp", "Kelp forests");
    const tab = await open();
    const inside = () => tab.page.evaluate(() => !!document.activeElement?.closest("nav"));
    expect(await chats(tab).isVisible()).toBe(false);

    await button(tab, "Chats").click();
    await expect.poll(inside).toBe(true);
    for (let presses = 0; presses < 12; presses++) {
      await tab.page.keyboard.press("Tab");
      expect(await tab.page.evaluate(() => !!document.activeElement?.closest(".content"))).toBe(false);
    }
    await tab.page.keyboard.press("Escape");
    await expect.poll(() => focused(tab)).toBe("Chats");
    await button(tab, "Chats").click();
    await chats(tab).getByRole("link", { name: "Kelp forests" }).click();

    await messages(tab).filter({ hasText: "You asked: Kelp forests" }).waitFor();
    expect(await chats(tab).isVisible()).toBe(false);
  });

  test("says that it is offline, and that nothing gets lost", async () => {
    const tab = await open();

    await context.setOffline(true);

    await tab.says("Offline");
    await tab.page.getByRole("alert").filter({ hasText: "This device is offline" }).waitFor();
    await context.setOffline(false);
    await tab.says("Connected");
  });

  test("reads from right to left what is written so, block by block", async () => {
    backend.script.text = () => "לוטרות אוחזות ידיים.\n\nOtters hold hands.\n\n- ים\n- נהר";
    const tab = await open();
    await tab.ask("למה?");
    await tab.answerIs("completed");
    await tab.page.locator(".text > ul").waitFor();

    const directions = await tab.page
      .locator("p.text, .markdown > *")
      .evaluateAll((all) => all.map((block) => getComputedStyle(block).direction));
    expect(directions).toEqual(["rtl", "rtl", "ltr", "rtl"]);
  });

  test("follows the end of an answer, unless one reads further up", async () => {
    await browseWith({ viewport: { width: 1280, height: 420 } });
    backend.script.text = () => RICH;
    backend.script.pieces = 100;
    const tab = await open();
    await tab.ask("How do otters sleep?");
    await tab.page.locator(".text table").waitFor();
    const section = tab.page.getByRole("region", { name: "Conversation" });
    const isAtEnd = () => section.evaluate((it) => it.scrollHeight - it.scrollTop - it.clientHeight < 60);
    expect(await isAtEnd()).toBe(true);
    expect(await section.evaluate((it) => it.scrollTop)).toBeGreaterThan(100);

    await section.evaluate((it) => it.scrollTo({ top: 0 }));
    await button(tab, "Go to the end").waitFor();
    backend.release();
    await tab.answerIs("completed");
    expect(await section.evaluate((it) => it.scrollTop)).toBe(0);
    await button(tab, "Go to the end").click();

    await expect.poll(isAtEnd).toBe(true);
  });

  test("shows what a model reasons while it comes, and folds it once there is text", async () => {
    backend.script.reasoning = "Otters float on their backs …";
    backend.script.pieces = 0;
    const tab = await open();
    await tab.ask("How do otters sleep?");
    const thought = tab.page.getByText("Otters float on their backs …");
    await thought.waitFor();
    expect(await findings(tab)).toEqual([]);

    backend.release();
    await tab.answerIs("completed");
    expect(await thought.isVisible()).toBe(false);
    await tab.page.getByText("Reasoning", { exact: true }).click();
    await thought.waitFor();
    await tab.page.reload();
    await tab.page.getByText("Reasoning", { exact: true }).click();
    await thought.waitFor();
  });

  test("lists what an answer relies on, with links that are safe to follow", async () => {
    backend.script.sources = [
      { url: "https://otters.example/a", title: "Sea otters", snippet: "They hold hands." },
      { url: "javascript:window.stolen=1", title: "Not a page" },
    ];
    const tab = await open();
    await tab.ask("How do otters sleep?");
    await tab.answerIs("completed");
    const sources = tab.page.getByRole("region", { name: "Sources" });

    expect(await sources.getByRole("listitem").allInnerTexts()).toEqual(["Sea otters", "Not a page"]);
    const hrefs = await sources
      .getByRole("link")
      .evaluateAll((all) => all.map((link) => (link as HTMLAnchorElement).href));
    expect(hrefs).toEqual(["https://otters.example/a"]);
    expect(await findings(tab)).toEqual([]);
  });

  test("asks the model that is picked, and says which one answered", async () => {
    backend.models = ["otter-1", "otter-2"];
    const tab = await open();
    await tab.ask("One");
    await tab.answerIs("completed");
    await tab.page.getByLabel("Model").selectOption("otter-2");
    await tab.ask("Two");
    await tab.page.getByText("You asked: Two").waitFor();
    await tab.page.reload();
    await tab.says("Connected");
    await tab.ask("Three");
    await tab.page.getByText("You asked: Three").waitFor();

    expect(backend.asked).toEqual([undefined, "otter-2", "otter-2"]);
    expect(await tab.page.locator(".facts").first().innerText()).toContain("otter-1");
  });

  test("has no picker where there is one model, or a server that tells none", async () => {
    const tab = await open();
    await tab.ask("One");
    await tab.answerIs("completed");

    expect(await tab.page.getByLabel("Model").count()).toBe(0);
  });

  test("says of an address without a chat that there is nothing", async () => {
    const tab = await open("#/chats/nowhere");

    await tab.page.getByText("There is nothing here").waitFor();
  });
});

const HOSTILE = `
<script>window.stolen = 1</script>

<img src="https://evil.example/x" onerror="window.stolen = 1">

![a](https://evil.example/pixel.png) [b](javascript:window.stolen=1) [c](data:text/html,<script>window.stolen=1</script>)

<svg onload="window.stolen=1"><style>@import "https://evil.example/x.css"</style></svg>
<math><mtext><img src=x onerror="window.stolen=1"></mtext></math>
<iframe src="https://evil.example"></iframe> <p style="position:fixed">x</p>

The end.
`;

/** What axe.min.js defines. */
declare const axe: {
  run(options: object): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>;
};
