/** A tab of the browser, in the words of somebody who uses the page. */

import type { BrowserContext, Page } from "playwright-core";

export class Tab {
  readonly page: Page;

  private constructor(page: Page) {
    this.page = page;
  }

  static async open(context: BrowserContext, url: string, userId: string): Promise<Tab> {
    const tab = await Tab.at(context, url);
    await tab.signIn("Demo user", userId);
    return tab;
  }

  /** One where nobody is signed in yet. */
  static async at(context: BrowserContext, url: string): Promise<Tab> {
    const tab = new Tab(await inWindow(context));
    await tab.page.goto(url);
    return tab;
  }

  async signIn(label: string, credential: string): Promise<void> {
    await this.page.getByLabel(label).fill(credential);
    await this.page.getByRole("button", { name: "Sign in" }).click();
  }

  async ask(prompt: string): Promise<void> {
    await this.page.getByLabel("Your question").fill(prompt);
    await this.page.keyboard.press("Enter");
  }

  /** Unfold what happens behind the text. */
  async lookBehind(): Promise<void> {
    await this.page.getByRole("button", { name: "Live" }).click();
  }

  /** Resolves once the connection badge says so. */
  async says(badge: string, timeout = 60_000): Promise<void> {
    await this.page.locator(".badge", { hasText: badge }).waitFor({ timeout });
  }

  /** Resolves once the latest answer stands like this. */
  async answerIs(status: string, timeout = 60_000): Promise<void> {
    await this.page.locator(`[data-role=assistant][data-status=${status}]`).last().waitFor({ timeout });
  }

  /** Resolves with the words of the latest answer, as they are shown, once it has so many characters. */
  async answer(atLeast = 0): Promise<string> {
    const text = this.page.locator("[data-role=assistant] .text").last();
    await text.waitFor({ state: "attached" });
    await this.page.waitForFunction(
      (length) =>
        ([...document.querySelectorAll("[data-role=assistant] .text")].at(-1)?.textContent ?? "").length >=
        length,
      atLeast,
    );
    return wordsOf(await text.innerText());
  }

  async fact(name: string): Promise<string> {
    return (await this.page.locator("#panel dl div", { hasText: name }).locator("dd").textContent()) ?? "";
  }
}

/** A page in a window of its own: behind another tab it would draw once a second, and answer clicks two seconds late. */
async function inWindow(context: BrowserContext): Promise<Page> {
  const [first] = context.pages();
  if (!first) return context.newPage();
  const session = await context.newCDPSession(first);
  const { targetInfo } = await session.send("Target.getTargetInfo");
  const { browserContextId } = targetInfo;
  const browser = await context.browser()!.newBrowserCDPSession();
  const opening = context.waitForEvent("page");
  await browser.send("Target.createTarget", {
    url: "about:blank",
    browserContextId: browserContextId!,
    newWindow: true,
  });
  await Promise.all([session.detach(), browser.detach()]);
  return opening;
}

/** A text without what Markdown does not tell apart: kinds of white space. */
export function wordsOf(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
