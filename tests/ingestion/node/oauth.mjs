// Sends one event through Segment's own client, which asks for a token first, and says what came of it.
import { Analytics } from "@segment/analytics-node";

const { WRITE_KEY, HOST, CLIENT_ID, CLIENT_KEY, KEY_ID } = process.env;
const errors = [];
let delivered = 0;
let scheme = "";
const analytics = new Analytics({
  writeKey: WRITE_KEY,
  host: HOST,
  maxRetries: 1,
  oauthSettings: { clientId: CLIENT_ID, clientKey: CLIENT_KEY, keyId: KEY_ID, authServer: HOST, maxRetries: 2 },
});
analytics.on("error", (error) => errors.push(String(error.reason ?? error.code)));
analytics.on("http_request", ({ headers }) => (scheme = (headers.Authorization ?? "").slice(0, 11)));
analytics.track({ userId: "ben", event: "By node" }, (error) =>
  error ? errors.push(String(error)) : (delivered += 1),
);
await analytics.closeAndFlush();
console.log(JSON.stringify({ delivered, errors, scheme }));
