/** The browser that tests drive, and where its screenshots go. */

import { existsSync, mkdirSync } from "node:fs";
import { chromium, type Browser } from "playwright-core";
import type { Tab } from "./tab.ts";

const PATH = process.env.CHROMIUM ?? "/usr/bin/chromium";
const SHOTS = new URL("../../test-results/", import.meta.url).pathname;

/** Parts of a browser that no test looks at: each window's address bar is a page of its own, in a process of its own. */
const OURS = [
  "WebUIOmniboxPopup",
  "WebUIOmniboxAimPopup",
  "WebUIOmniboxFullPopup",
  "SpareRendererForSitePerProcess",
];
/** What Playwright leaves out by the same switch, of which the browser heeds only the last one. */
const PLAYWRIGHTS = [
  ...[
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsUpgrades",
    "LensOverlay",
  ],
  ...["HttpsFirstBalancedModeAutoEnable", "MediaRouter", "PaintHolding", "ThirdPartyStoragePartitioning"],
  ...["OptimizationHints", "NetworkTimeServiceQuerying", "AimEnabled", "PreconnectToSearch"],
];
const UNUSED = [...OURS, ...PLAYWRIGHTS].join(",");

export const hasBrowser = existsSync(PATH);

if (!hasBrowser)
  console.warn(`There is no browser at ${PATH}; its tests are left out. CHROMIUM names another.`);

/** The one browser of all files of tests; Playwright ends it with this process. */
export const sharedBrowser = (): Promise<Browser> => (browser ??= launch());
let browser: Promise<Browser> | undefined;

function launch(): Promise<Browser> {
  mkdirSync(SHOTS, { recursive: true });
  return chromium.launch({ executablePath: PATH, args: ["--no-sandbox", `--disable-features=${UNUSED}`] });
}

export const shoot = (tab: Tab, name: string) => tab.page.screenshot({ path: `${SHOTS}${name}.png` });
