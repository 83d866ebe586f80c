// Sends one of every call through Segment's own client and says what came of it.
import { Analytics } from "@segment/analytics-node";

const errors = [];
let delivered = 0;
const analytics = new Analytics({ writeKey: process.env.WRITE_KEY, host: process.env.HOST, maxRetries: 1 });
analytics.on("error", (error) => errors.push(String(error.reason ?? error.code)));

const sent = (error) => (error ? errors.push(String(error)) : (delivered += 1));
analytics.identify({ userId: "ben", traits: { plan: "pro" } }, sent);
analytics.track({ userId: "ben", event: "Order Completed", properties: { revenue: 8 } }, sent);
analytics.page({ userId: "ben", name: "Start", properties: { url: "https://shop.example/" } }, sent);
analytics.screen({ userId: "ben", name: "Start" }, sent);
analytics.group({ userId: "ben", groupId: "acme" }, sent);
analytics.alias({ userId: "ben", previousId: "anon-2" }, sent);
await analytics.closeAndFlush();
console.log(JSON.stringify({ delivered, errors }));
