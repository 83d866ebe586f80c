// An OpenID Connect provider (oidc-provider, unmodified) at which everybody is who the test says: POST /act-as {claims}.
import { Provider } from "oidc-provider";

const port = Number(process.argv[2]);
const [clientId, clientSecret, redirectUri, backChannelUri] = process.argv.slice(3);
const people = {};
let current = "";

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{
    client_id: clientId, client_secret: clientSecret, redirect_uris: [redirectUri],
    post_logout_redirect_uris: ["http://testserver/accounts/login/"],
    backchannel_logout_uri: backChannelUri, backchannel_logout_session_required: true,
  }],
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["given_name", "family_name", "groups"] },
  features: { devInteractions: { enabled: false }, backchannelLogout: { enabled: true } },
  // It refuses to post to loopback, where the tests listen.
  fetch: (url, { dispatcher: _guard, ...options }) => globalThis.fetch(url, options),
  pkce: { required: () => true },
  cookies: { keys: ["for tests"] },
  findAccount: (_context, sub) => ({ accountId: sub, claims: () => ({ sub, ...people[sub] }) }),
  interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
  async loadExistingGrant(context) {
    const grant = new context.oidc.provider.Grant({
      clientId: context.oidc.client.clientId,
      accountId: context.oidc.session.accountId,
    });
    grant.addOIDCScope("openid email profile");
    await grant.save();
    return grant;
  },
});

provider.use(async (context, next) => {
  if (context.path === "/act-as") {
    let body = "";
    for await (const block of context.req) body += block;
    const { sub, ...claims } = JSON.parse(body);
    people[sub] = claims;
    current = sub;
    context.status = 204;
  } else if (context.path.startsWith("/interaction/")) {
    await provider.interactionFinished(context.req, context.res, { login: { accountId: current } });
    context.respond = false;
  } else await next();
});

provider.listen(port, "127.0.0.1", () => console.log("ready"));
