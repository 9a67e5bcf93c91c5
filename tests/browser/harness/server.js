// The real program on a loopback port of its own, with an empty SQLite file of its own.

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { setTimeout as pause } from "node:timers/promises";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const program = process.env.GUANXI_BIN ?? join(root, "target/debug/guanxi");
const START_UP_LIMIT_MS = 30_000;

/**
 * @typedef {object} Server
 * @property {string} url such as `http://127.0.0.1:41234`
 * @property {() => Promise<void>} stop ends the program and removes its data; safe to call twice
 */

/**
 * @param {Record<string, string>} [settings] other environment variables
 * @param {string[]} [company] how the made-up company is made that the database begins with: `["--customers", "100"]`; empty without
 * @returns {Promise<Server>} a server that answers
 */
export async function startServer(settings = {}, company) {
  const folder = await mkdtemp(join(tmpdir(), "guanxi-journey-"));
  const port = await freePort();
  const env = {
    ...ownEnvironment(),
    DATABASE_URL: join(folder, "guanxi.db"),
    GUANXI_LISTEN: `127.0.0.1:${port}`,
    GUANXI_APP_DIR: process.env.GUANXI_APP_DIR ?? join(root, "dist"),
    ...settings,
  };
  if (company !== undefined) {
    const { status, stderr } = spawnSync(program, ["seed", ...company], { cwd: folder, env, encoding: "utf8" });
    if (status !== 0) throw new Error(`${program} seed: ${stderr}`);
  }
  const child = spawn(program, ["serve"], { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
  let log = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (/** @type {Buffer} */ text) => (log += text));
  }
  /** @type {Error | undefined} */
  let failure;
  const ended = new Promise((resolve) => {
    child.once("exit", resolve);
    child.once("error", (error) => {
      failure = error;
      resolve(undefined);
    });
  });
  const isRunning = () => failure === undefined && child.exitCode === null && child.signalCode === null;

  const stop = async () => {
    if (isRunning()) child.kill("SIGTERM");
    await ended;
    await rm(folder, { recursive: true, force: true });
  };

  const url = `http://127.0.0.1:${port}`;
  const deadline = Date.now() + START_UP_LIMIT_MS;
  while (!(await answers(`${url}/readyz`))) {
    if (!isRunning() || Date.now() > deadline) {
      child.kill("SIGKILL");
      await stop();
      throw new Error(`${program} does not serve: ${failure?.message ?? "see its log"}\n${log}`);
    }
    await pause(20);
  }
  return { url, stop };
}

/** The program refuses settings that it does not know; what is set here is meant for the journeys. */
function ownEnvironment() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("GUANXI_")));
}

/** @param {string} url */
async function answers(url) {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}

async function freePort() {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  if (address === null || typeof address === "string") throw new Error("no TCP port");
  return address.port;
}
