// What every journey begins with: a deployment of its own, the people in it, and browsers that are logged in.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { apiClient } from "./api.js";
import { launch, newVisitor, screenshot, settled } from "./browser.js";
import { startServer } from "./server.js";

export { settled };

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("playwright-core").Locator} Locator */
/** @typedef {import("./browser.js").Language} Language */
/** @typedef {import("./browser.js").Theme} Theme */
/** @typedef {import("../generated/api.js").components["schemas"]} Schemas */
/** @typedef {Awaited<ReturnType<typeof newVisitor>>} Visitor */

/**
 * An account, and the API as that account sees it.
 * @typedef {object} Person
 * @property {string} id
 * @property {string} name
 * @property {string} email
 * @property {string} password
 * @property {ReturnType<typeof apiClient>} api
 */

export const ADMIN = { name: "Ada Admin", email: "ada@example.com", password: "correct-horse-battery" };

/** How long a page may take to show what it should: as long as for an element to appear. */
const PATIENCE_MS = 30_000;

/** With which everybody of the made-up company logs in. */
const DEMO_PASSWORD = "Guanxi-Demo-2026";

/** All ways in which people see a page. @type {{ language: Language, theme: Theme }[]} */
export const LOOKS = [
  { language: "en", theme: "light" },
  { language: "en", theme: "dark" },
  { language: "zh", theme: "light" },
  { language: "zh", theme: "dark" },
];

/** A deployment that nobody else uses. */
export class Site {
  /** @type {Visitor[]} */
  #visitors = [];
  #server;
  #browser;

  /**
   * @param {import("./server.js").Server} server
   * @param {import("playwright-core").Browser} browser
   */
  constructor(server, browser) {
    this.#server = server;
    this.#browser = browser;
  }

  /** @param {string[]} [company] a made-up one to begin with, as in `startServer` */
  static async open(company) {
    const server = await startServer({}, company);
    try {
      return new Site(server, await launch());
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  /** The API for somebody who is not logged in. */
  get api() {
    return apiClient(this.#server.url);
  }

  /**
   * The API for whoever has this access token or API key.
   * @param {string} token
   */
  apiAs(token) {
    return apiClient(this.#server.url, token);
  }

  /**
   * The first account; it administers the deployment.
   * @returns {Promise<Person>}
   */
  async registerAdmin() {
    const { user, access_token } = await made(
      this.api.POST("/api/v1/auth/register", { body: { ...ADMIN, language: "en", cookie: false } }),
    );
    assert.ok(access_token, "the first account may come in at once");
    return { ...ADMIN, id: user.id, api: apiClient(this.#server.url, access_token) };
  }

  /**
   * Somebody of the made-up company.
   * @param {string} email
   * @returns {Promise<Person>}
   */
  async employee(email) {
    const password = DEMO_PASSWORD;
    const body = { email, password, cookie: false };
    const { user, access_token } = await made(this.api.POST("/api/v1/auth/login", { body }));
    assert.ok(access_token);
    return { id: user.id, name: user.name, email, password, api: apiClient(this.#server.url, access_token) };
  }

  /**
   * An active account in a department of that name.
   * @param {Person} admin
   * @param {{ name: string, role: string, department: string }} wanted role: the word of a shipped one
   * @returns {Promise<Person>}
   */
  async hire(admin, { name, role, department }) {
    const roles = await made(admin.api.GET("/api/v1/roles"));
    const departments = await made(admin.api.GET("/api/v1/departments"));
    const itsRole = roles.find(({ shipped }) => shipped === role);
    assert.ok(itsRole, `the role ${role}`);
    const itsDepartment =
      departments.find((known) => known.name === department) ??
      (await made(admin.api.POST("/api/v1/departments", { body: { name: department } })));
    const email = `${name.toLowerCase().replaceAll(" ", ".")}@example.com`;
    const password = `${name}'s own password`;
    const user = await made(
      admin.api.POST("/api/v1/users", {
        body: { name, email, password, role_id: itsRole.id, department_id: itsDepartment.id },
      }),
    );
    const { access_token } = await made(
      this.api.POST("/api/v1/auth/login", { body: { email, password, cookie: false } }),
    );
    assert.ok(access_token);
    return { id: user.id, name, email, password, api: apiClient(this.#server.url, access_token) };
  }

  /**
   * A browser window, logged in as `as` if given.
   * @param {{ as?: Person, language?: Language, theme?: Theme, width?: number, expected?: RegExp }} [how] `expected`: what the
   *   browser's console may say
   * @returns {Promise<Page>}
   */
  async visit({ as, language = "en", theme = "light", width = 1360, expected } = {}) {
    const visitor = await newVisitor(this.#browser, { url: this.#server.url, language, theme, width, expected });
    this.#visitors.push(visitor);
    if (as !== undefined) {
      const { email, password } = as;
      // The cookie that the log-in page would have got.
      const answer = await visitor.page.request.post("/api/v1/auth/login", { data: { email, password, cookie: true } });
      assert.equal(answer.status(), 200, `log-in of ${email}`);
    }
    return visitor.page;
  }

  /** Ends all visits; fails when something went wrong in one of them that the journey did not look at. */
  async leave() {
    for (const visitor of this.#visitors) await visitor.leave();
  }

  /** @param {string} name of the pictures */
  async keepPictures(name) {
    const open = this.#visitors.filter(({ page }) => !page.isClosed());
    for (const [index, { page }] of open.entries()) await screenshot(page, `failed-${name}-${index + 1}`);
  }

  async close() {
    await this.#browser.close();
    await this.#server.stop();
  }
}

/**
 * A test on a deployment of its own; keeps pictures of all windows when it fails.
 * @param {string} name
 * @param {(site: Site) => Promise<void>} steps
 * @param {string[]} [company] a made-up one to begin with, as in `startServer`
 */
export function journey(name, steps, company) {
  test(name, async () => {
    const site = await Site.open(company);
    try {
      await steps(site);
      await site.leave();
    } catch (error) {
      // The error that ended the journey matters more than one of the camera.
      await site.keepPictures(name.replaceAll(/\W+/g, "-")).catch(() => {});
      throw error;
    } finally {
      await site.close();
    }
  });
}

/**
 * What an accepted request answers; fails with the server's words otherwise.
 * @template T
 * @param {Promise<{ data?: T, error?: unknown, response: Response }>} request
 * @returns {Promise<NonNullable<T>>}
 */
export async function made(request) {
  const { data, error, response } = await request;
  if (data === undefined || data === null) {
    assert.fail(`${response.status} from ${response.url}: ${JSON.stringify(error)}`);
  }
  return data;
}

/**
 * An order of one line that counts as a sale.
 * @param {Person} person
 * @param {string} customerId
 * @param {string} amount in the currency unit
 */
export async function confirmedOrder(person, customerId, amount) {
  const line = { description: "Tea", quantity: "1", unit_price: amount, discount: 0 };
  const body = { customer_id: customerId, lines: [line] };
  let order = await made(person.api.POST("/api/v1/orders", { body }));
  for (const to of /** @type {const} */ (["submitted", "confirmed"])) {
    const params = { path: { id: order.id }, header: { "If-Match": `"${order.version}"` } };
    order = await made(person.api.POST("/api/v1/orders/{id}/transitions", { params, body: { to } }));
  }
  return order;
}

/**
 * An amount as people read it, in minor units of a currency that has two decimals.
 * @param {string | null} text such as `¥1,234.50`
 */
export function minor(text) {
  const digits = (text ?? "").replaceAll(/[^\d.-]/g, "");
  assert.match(digits, /^-?\d+\.\d\d$/, `an amount: ${text}`);
  return Number(digits.replace(".", ""));
}

/**
 * The input with this label; a mark for required ones may follow it.
 * @param {Page | Locator} within
 * @param {string} label
 */
export function field(within, label) {
  const text = label.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return within.getByLabel(new RegExp(`^${text}\\*?$`));
}

/**
 * A key figure of a record; its title says it in full.
 * @param {Page} page
 * @param {string} label
 */
export function figure(page, label) {
  return page.locator(`main dl dt:text-is("${label}") + dd`);
}

/**
 * Chooses a record in a field that searches while somebody types.
 * @param {Locator} input
 * @param {string} name
 */
export async function pick(input, name) {
  await input.fill(name);
  await input.page().getByRole("option", { name }).first().click();
}

/** @param {Locator} locator */
export const visible = (locator) => locator.first().waitFor({ state: "visible" });

/** @param {Locator} locator */
export const gone = (locator) => locator.first().waitFor({ state: "hidden" });

/**
 * Opens an address of the app and waits until the frame and the page's title are there.
 * @param {Page} page
 * @param {string} address
 */
export async function open(page, address) {
  await page.goto(address);
  await visible(page.locator("main h1"));
  await settled(page);
}

/**
 * Asks until the answer is right, as somebody looks at a page until it shows what it should; fails with what was wrong at last.
 * @param {() => Promise<void>} check
 */
export async function eventually(check) {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > end) throw error;
    }
    await pause(50);
  }
}
