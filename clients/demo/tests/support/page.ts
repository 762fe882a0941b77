/** Tests of the page: each has a back end in this process and a profile of its own, all of them one browser. */

import type { Browser, BrowserContext, BrowserContextOptions } from "playwright-core";
import { afterEach, beforeAll, beforeEach, describe, expect, inject } from "vitest";
import { hasBrowser, sharedBrowser } from "./browser.ts";
import { FakeBackend } from "./fake-backend.ts";
import { Tab, wordsOf } from "./tab.ts";

export let backend: FakeBackend;
export let context: BrowserContext;
export const served = inject("servedPage");
let browser: Browser;
let complaints: string[];

/** The tests are left out where there is no browser. */
export function describePage(tests: () => void): void {
  describe.skipIf(!hasBrowser)("the page", () => {
    beforeAll(async () => {
      browser = await sharedBrowser();
    }, 300_000);

    beforeEach(() => browseWith({ viewport: { width: 1280, height: 800 } }));

    afterEach(async () => {
      await context.close();
      expect(complaints).toEqual([]);
    });

    tests();
  });
}

/** Begin anew, on a device like this. */
export async function browseWith(options: BrowserContextOptions): Promise<void> {
  await context?.close();
  backend = new FakeBackend();
  complaints = [];
  context = await browser.newContext({ reducedMotion: "reduce", ...options });
  context.setDefaultTimeout(60_000);
  context.on("weberror", (error) => complaints.push(String(error.error())));
  context.on("console", (message) => {
    // Refused by the policy of the page, or an error of React's.
    if (message.type() === "error" && !/status of 4\d\d/.test(message.text()))
      complaints.push(message.text());
  });
  await backend.connect(context);
}

/** Open a tab, and wait until it is connected. */
export async function open(hash = ""): Promise<Tab> {
  const tab = await Tab.open(context, served + hash, "demo");
  await tab.says("Connected");
  return tab;
}

export const messages = (tab: Tab) => tab.page.locator(".message");
export const button = (tab: Tab, name: string | RegExp) => tab.page.getByRole("button", { name });
export const chats = (tab: Tab) => tab.page.getByRole("navigation", { name: "Chats" });

/** The words of each question and answer. */
export const texts = async (tab: Tab) => (await messages(tab).locator(".text").allInnerTexts()).map(wordsOf);

/** What has the focus. */
export const focused = ({ page }: Tab) =>
  page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.id);

/** A user's budgets, of which much is used. */
export const LIMITED = {
  day: { used_tokens: 41_200, held_tokens: 800, limit_tokens: 50_000, is_warned: true },
  month: { used_cost: 3_120_000, limit_cost: 20_000_000 },
};
