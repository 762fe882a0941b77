/** How the page goes on where its connection is cut, pulled out or closed. */

import { expect, test } from "vitest";
import { shoot } from "../support/browser.ts";
import { answerTo, context, describePageOnSystem, open, system } from "../support/system-page.ts";

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describePageOnSystem(() => {
  test("comes back when the plug does", async () => {
    const tab = await open();
    await tab.ask("200 words, 10 a second");
    await tab.answer(100);

    await context.setOffline(true);
    system.cable.pullOut();
    await tab.says("Offline");
    await tab.page.getByRole("alert").filter({ hasText: "This device is offline" }).waitFor();
    await shoot(tab, "offline");
    await pause(2000);
    system.cable.plugIn();
    await context.setOffline(false);

    await tab.says("Connected");
    system.model.finish();
    await tab.answerIs("completed");
    expect(await tab.answer()).toBe(answerTo("200 words"));
  });

  test("loses no character to 20 cuts in one long answer", async () => {
    const tab = await open();
    await tab.ask("900 words, 5 a second");
    await tab.answer(10);

    let cuts = 0;
    while (cuts < 20) {
      await tab.says("Connected");
      cuts += system.cable.cut();
      await pause(100);
    }
    const during = await tab.answer();
    system.model.finish();
    await tab.answerIs("completed");

    expect(during.length).toBeLessThan(answerTo("900 words").length);
    expect(await tab.answer()).toBe(answerTo("900 words"));
  });

  test("does not mind that the server closes its connection", async () => {
    const tab = await open();
    await tab.lookBehind();
    await tab.ask("200 words, 10 a second");
    await tab.answer(100);
    const id = await tab.page.locator("#panel dl").getAttribute("data-connection-id");

    await system.hangUp(id!);
    await tab.page.locator(`#panel dl:not([data-connection-id="${id}"])`).waitFor();
    system.model.finish();
    await tab.answerIs("completed");

    expect(await tab.answer()).toBe(answerTo("200 words"));
  });
});
