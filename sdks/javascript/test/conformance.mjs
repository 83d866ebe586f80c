// Runs the vectors of ../../conformance that name this SDK; prints what differs and how many cases were run.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { address, batches, body, judge, pause } from "../src/delivery.js";
import { build } from "../src/events.js";
import { mark, readMark } from "../src/linker.js";
import { consentState, nextSession } from "../src/sessions.js";
import { sourceOf } from "../src/sources.js";

const folder = new URL("../../conformance/", import.meta.url);
const RUN = {
  retry: ({ attempt, random, retryAfter }) => pause(attempt, random, retryAfter),
  answers: ({ status, body: text, count }) => judge(status, text, count),
  batches: ({ sizes, maxEvents, maxBytes }) => batches(sizes, maxEvents, maxBytes),
  sources: ({ url }) => sourceOf(url),
  consent: consentState,
  sessions: ({ steps }) => {
    let session = null;
    return steps.map(({ now, source }) => {
      const before = session;
      session = nextSession(before, now, source);
      return { id: session.id, number: session.number, isNew: !before || before.number !== session.number };
    });
  },
  events: (input) => {
    const { text, error } = build(input);
    return error ? { error } : { event: JSON.parse(text) };
  },
  requests: ({ host, writeKey, now, events }) => ({
    method: "POST",
    url: address(host),
    headers: { "content-type": "text/plain" },
    body: JSON.parse(body(events.map((one) => JSON.stringify(one)), now, writeKey)),
  }),
  linker: ({ do: what, id, mark: text, now, agent }) => (what === "write" ? mark(id, now, agent) : readMark(text, now, agent)),
};

let count = 0;
const failed = [];
for (const file of readdirSync(folder)) {
  const { sdks, cases } = JSON.parse(readFileSync(new URL(file, folder), "utf8"));
  if (!sdks.includes("javascript")) continue;
  const name = file.replace(".json", "");
  for (const one of cases) {
    if (name === "requests" && one.input.kind !== "browser") continue;
    count += 1;
    try {
      assert.deepEqual(RUN[name](one.input), one.expected);
    } catch (error) {
      failed.push(`${name}: ${one.name}\n${error.message}`);
    }
  }
}
console.log(JSON.stringify({ count, failed }));
process.exitCode = failed.length ? 1 : 0;
