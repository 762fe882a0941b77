/** How the page is let in: with tokens that end, and where there are as many connections as there may be. */

import type { WebSocket } from "playwright-core";
import { expect, test } from "vitest";
import { shoot } from "../support/browser.ts";
import { answerTo, context, describePageOnSystem, open, system } from "../support/system-page.ts";

/** Say how many seconds the tokens of this test live. */
const tokensLive = (lifetime: () => number) =>
  context.route("**/token", async (route) => {
    const { userId } = route.request().postDataJSON() as { userId: string };
    await route.continue({ postData: JSON.stringify({ userId, lifetime: lifetime() }) });
  });

describePageOnSystem(() => {
  test("rolls over to a new connection before the old one ends with its token, unseen", async () => {
    const sockets: WebSocket[] = [];
    context.on("page", (page) => page.on("websocket", (socket) => sockets.push(socket)));
    await tokensLive(() => 20);
    const tab = await open();
    await tab.says("Connected");
    await tab.lookBehind();
    const id = await tab.page.locator("#panel dl").getAttribute("data-connection-id");
    const badges = await tab.page.evaluateHandle(() => {
      const seen = new Set<string>();
      setInterval(() => seen.add(document.querySelector(".badge")!.textContent!), 20);
      return seen;
    });

    await tab.ask("600 words, 10 a second");
    await tab.page.locator(`#panel dl:not([data-connection-id="${id}"])`).waitFor();
    await expect.poll(() => sockets[0]!.isClosed()).toBe(true);
    system.model.finish();
    await tab.answerIs("completed");

    expect(await tab.answer()).toBe(answerTo("600 words"));
    expect(await badges.evaluate((seen) => [...seen])).toEqual(["Connected"]);
  });

  test("replaces an expired token by itself", async () => {
    let given = 0;
    await tokensLive(() => (given++ === 0 ? -60 : 3600));

    const tab = await open();
    await tab.says("Connected");

    await expect.poll(() => given).toBe(2);
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
    await shoot(fourth, "too-many-pages");
    await tabs[0]!.page.close();

    await fourth.says("Connected");
  });
});
