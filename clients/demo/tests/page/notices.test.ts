/** What the page says of budgets, failures and its connection. */

import { expect, test } from "vitest";
import { shoot } from "../support/browser.ts";
import { LIMITED, backend, button, context, describePage, messages, open, texts } from "../support/page.ts";
import { wordsOf } from "../support/tab.ts";

describePage(() => {
  test("shows no budget where there is none, and how much of it is used", async () => {
    const free = await open();
    await free.ask("Otters?");
    await free.answerIs("completed");
    expect(await free.page.getByRole("meter").count()).toBe(0);

    backend.usage = LIMITED;
    const tab = await open();
    const meter = tab.page.getByRole("meter", { name: "Today’s budget" });
    await meter.waitFor();

    await expect.poll(() => meter.getAttribute("aria-valuenow")).toBe("84");
    await expect
      .poll(async () => wordsOf(await tab.page.getByRole("region", { name: "Budget" }).innerText()))
      .toMatch(/^Today 42,000 of 50,000 tokens Renews (on .*)?at .*\. This month \$3\.12 of \$20\.00$/);
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

    await expect
      .poll(() => messages(tab).last().locator(".state").innerText())
      .toMatch(/^Not sent\. The budget for answers is used up\. Try again at .*\.$/);
    await button(tab, "Try again").click();
    await tab.answerIs("completed");
    await expect.poll(() => texts(tab)).toEqual(["Otters?", "You asked: Otters?"]);
  });

  test("says at each failed answer why it failed, and tries that one again", async () => {
    backend.script.failing = [/./, "llm_unavailable"];
    const tab = await open();
    await tab.ask("Otters?");
    await tab.answerIs("failed");
    await tab.page.getByRole("alert").filter({ hasText: "The model cannot be reached right now." }).waitFor();
    await tab.page.reload();
    await tab.answerIs("failed");
    await expect.poll(() => tab.page.getByText("The model cannot be reached right now.").count()).toBe(1);
    expect(await tab.page.getByRole("alert").count()).toBe(0);

    backend.script.failing = null;
    await button(tab, "Try again").click();
    await tab.answerIs("completed");
    await expect.poll(() => texts(tab)).toEqual(["Otters?", "You asked: Otters?"]);
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

  test("says that it is offline, and that nothing gets lost", async () => {
    const tab = await open();

    await context.setOffline(true);

    await tab.says("Offline");
    await tab.page.getByRole("alert").filter({ hasText: "This device is offline" }).waitFor();
    await context.setOffline(false);
    await tab.says("Connected");
  });
});
