// A mail server on loopback that takes what it is handed, or refuses it.

import { once } from "node:events";
import { createServer } from "node:net";

/**
 * @typedef {object} MailServer
 * @property {number} port
 * @property {() => Promise<string>} next the next message as it came
 * @property {(answer: string | undefined) => void} refuse what is answered to recipients from now on; `undefined`: they are welcome
 * @property {() => void} stop
 */

/** @returns {Promise<MailServer>} */
export async function startMailServer() {
  /** @type {string[]} */
  const handed = [];
  /** @type {string | undefined} */
  let refusal;
  const server = createServer((socket) => {
    let waiting = "";
    let message = false;
    // Whoever sends may go away at any time.
    socket.on("error", () => socket.destroy());
    const say = (/** @type {string} */ line) => socket.write(`${line}\r\n`);
    const hear = (/** @type {string} */ line) => {
      const command = line.slice(0, 4).toUpperCase();
      if (command === "EHLO") say("250-mail.example.com\r\n250 8BITMIME");
      else if (command === "RCPT") say(refusal ?? "250 ok");
      else if (command === "DATA") {
        message = true;
        say("354 go on");
      } else if (command === "QUIT") socket.end("221 bye\r\n");
      else say("250 ok");
    };
    socket.setEncoding("utf8").on("data", (text) => {
      waiting += text;
      for (;;) {
        const end = message ? waiting.indexOf("\r\n.\r\n") : waiting.indexOf("\r\n");
        if (end < 0) return;
        const part = waiting.slice(0, end);
        waiting = waiting.slice(end + (message ? 5 : 2));
        if (message) {
          message = false;
          handed.push(part);
          say("250 queued");
          server.emit("handed");
        } else hear(part);
      }
    });
    say("220 mail.example.com");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  const next = async () => {
    while (handed.length === 0) await once(server, "handed");
    return /** @type {string} */ (handed.shift());
  };
  return { port, next, refuse: (answer) => (refusal = answer), stop: () => server.close() };
}
