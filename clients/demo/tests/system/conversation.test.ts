/** A conversation on the page, with the system behind it. */

import { expect, test } from "vitest";
import { shoot } from "../support/browser.ts";
import {
  answerTo,
  context,
  contract,
  describePageOnSystem,
  open,
  system,
  user,
} from "../support/system-page.ts";
import { Tab } from "../support/tab.ts";

describePageOnSystem(() => {
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
    await tab.page.getByRole("button", { name: "Ask again" }).waitFor();
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
    await expect.poll(() => spoken.textContent()).toBe("Writing …");
    await keyboard.press("Tab");
    await keyboard.press("Enter");
    await tab.answerIs("cancelled");

    await expect.poll(() => spoken.textContent()).toBe("Stopped. This is what there was.");
    await expect.poll(focused).toBe("prompt");
    await keyboard.press("Shift+Tab");
    await keyboard.press("Enter");
    await tab.answerIs("streaming");
    await expect.poll(focused).toBe("prompt");
    await keyboard.press("Escape");
    await tab.answerIs("cancelled");
  });

  test("tells a screen reader how the answer stands, and not its text; its headings are in order", async () => {
    const tab = await open();
    await tab.ask("300 words, 300 a second");
    await tab.answerIs("completed");

    await expect
      .poll(() => tab.page.getByRole("status").allTextContents())
      .toEqual(["Connected", "The answer is complete."]);
    const levels = await tab.page
      .locator("h1, h2, h3")
      .evaluateAll((all) => all.map(({ tagName }) => tagName));

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
    await shoot(tab, "failed");

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
    await tab.ask("60 words, 5 a second");
    await tab.answer(30);
    await tab.ask("41 words, 100 a second");
    await tab.page.getByText("Asked next").waitFor();
    system.model.finish();

    await tab.page.locator("[data-role=assistant][data-status=completed]").nth(1).waitFor();

    expect(await tab.answer()).toBe(answerTo("41 words"));
    await expect.poll(() => tab.page.locator(".message").count()).toBe(4);
  });

  test("has heard every kind of message of an answer, and judged each by the published schemas", () => {
    const kinds = ["heartbeat", "system", "chat_message", "llm_status", "llm_frame", "llm_response"];

    for (const kind of kinds) expect(contract.heard[kind], kind).toBeGreaterThan(5);
  });
});
