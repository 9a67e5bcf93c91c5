// Headless Chromium, and pages that remember what went wrong in them.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {"en" | "zh"} Language */
/** @typedef {"light" | "dark"} Theme */

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** How many times slower than this machine the browser's is: what races on a busy one is seen on a quiet one. */
const SLOWNESS = Number(process.env.JOURNEY_SLOWNESS ?? 1);

/** How often a page was waited for. */
let lookings = 0;

const artefacts = fileURLToPath(new URL("../../artefacts", import.meta.url));
const axe = readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export function launch() {
  const places = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
  const executablePath = places.find((path) => path !== undefined && existsSync(path));
  if (executablePath === undefined) throw new Error("Chromium is missing: apt-get install chromium, or set CHROMIUM");
  return chromium.launch({ executablePath, args: FLAGS });
}

/**
 * A page of a visitor who has never been here.
 * @param {import("playwright-core").Browser} browser
 * @param {{ url: string, language: Language, theme: Theme, width?: number, expected?: RegExp | undefined }} visitor
 *   `expected`: what the browser's console may say
 */
export async function newVisitor(browser, { url, language, theme, width = 1360, expected }) {
  const context = await browser.newContext({
    baseURL: url,
    locale: language === "zh" ? "zh-CN" : "en-GB",
    colorScheme: theme,
    viewport: { width, height: 900 },
    reducedMotion: "reduce",
  });
  await context.addInitScript(countRequests);
  const page = await context.newPage();
  if (SLOWNESS > 1) {
    const debuggers = await context.newCDPSession(page);
    await debuggers.send("Emulation.setCPUThrottlingRate", { rate: SLOWNESS });
  }
  /** @type {string[]} */
  const troubles = [];
  page.on("pageerror", (error) => troubles.push(`exception: ${error.message}`));
  page.on("console", (message) => {
    // Chromium reports each 4xx answer as an error of its own; refusals belong to the journeys.
    if (message.type() !== "error" || /status of 4\d\d/.test(message.text())) return;
    if (expected === undefined || !expected.test(message.text())) troubles.push(message.text());
  });
  page.on("response", (answer) => {
    if (answer.status() >= 500) troubles.push(`${answer.status()} from ${answer.url()}`);
  });
  return {
    page,
    /** Ends the visit; fails when the page threw, logged an error or got a 5xx. */
    async leave() {
      await context.close();
      assert.deepEqual(troubles, [], "what went wrong in the page");
    },
  };
}

/** Runs in the page before anything else: counts the answers of the API that the page still waits for. */
function countRequests() {
  const waiting = { count: 0 };
  Object.defineProperty(globalThis, "requestsUnderWay", { get: () => waiting.count });
  /** @template T @param {Promise<T>} promise @returns {Promise<T>} */
  const counted = (promise) => {
    waiting.count += 1;
    return promise.finally(() => (waiting.count -= 1));
  };
  const ask = globalThis.fetch;
  globalThis.fetch = (...request) => counted(ask(...request));
  for (const reader of /** @type {const} */ (["arrayBuffer", "blob", "json", "text"])) {
    const read = Response.prototype[reader];
    Response.prototype[reader] = function () {
      return counted(read.call(this));
    };
  }
}

/**
 * Waits until nothing on the page is still being fetched: no answer of the API that is waited for, no skeleton, no list that is busy,
 * and that in frames enough for what has come to be drawn, or to ask for more.
 * @param {Page} page
 */
export async function settled(page) {
  lookings += 1;
  await page.waitForFunction((looking) => {
    const quiet =
      /** @type {any} */ (globalThis).requestsUnderWay === 0 &&
      document.querySelector("main .skeleton-line, main [aria-busy='true']") === null;
    const root = /** @type {{ quiet?: { looking: number, frames: number } }} */ (/** @type {unknown} */ (document.documentElement));
    const before = root.quiet?.looking === looking ? root.quiet.frames : 0;
    root.quiet = { looking, frames: quiet ? before + 1 : 0 };
    return root.quiet.frames > 3;
  }, lookings);
}

/**
 * Keeps a picture of the whole page under tests/artefacts/, as a window would show it that is high enough.
 * @param {Page} page
 * @param {string} name without extension
 */
export async function screenshot(page, name) {
  await mkdir(artefacts, { recursive: true });
  const height = await page.evaluate(async () => {
    await document.fonts.ready;
    return document.documentElement.scrollHeight;
  });
  // Not Chromium's own picture of the whole page: bars that stick to the window would stand in the middle of it.
  const window = page.viewportSize();
  if (window !== null && height > window.height) await page.setViewportSize({ ...window, height });
  await page.screenshot({ path: `${artefacts}/${name}.png` });
  if (window !== null) await page.setViewportSize(window);
}

/**
 * Fails when axe finds something serious or critical in the page.
 * @param {Page} page
 * @param {string} where
 */
export async function assertAccessible(page, where) {
  // Through the debugger's channel, which the page's content security policy does not stop.
  await page.evaluate(await axe);
  const serious = await page.evaluate(async () => {
    const { violations } = await /** @type {any} */ (globalThis).axe.run(document, { resultTypes: ["violations"] });
    return /** @type {{ impact: string, id: string, help: string, nodes: { target: string[], failureSummary: string }[] }[]} */ (violations)
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, help, nodes }) => ({ id, help, nodes: nodes.map((n) => `${n.target.join(" ")}: ${n.failureSummary}`) }));
  });
  assert.deepEqual(serious, [], `what axe finds on ${where}`);
}
