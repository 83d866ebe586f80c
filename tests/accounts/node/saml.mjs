// A SAML identity provider (samlp, unmodified) at which everybody is who the test says: POST /act-as {attributes}.
import { readFileSync } from "node:fs";
import express from "express";
import samlp from "samlp";

const port = Number(process.argv[2]);
const [certFile, keyFile, postUrl] = process.argv.slice(3);
const issuer = `http://127.0.0.1:${port}/metadata`;
const cert = readFileSync(certFile);
const key = readFileSync(keyFile);
let person = {};

function mapper(user) {
  return {
    getClaims: () => user.attributes,
    getNameIdentifier: () => ({ nameIdentifier: user.nameId, nameIdentifierFormat: user.format }),
    metadata: [],
  };
}
mapper.metadata = [];

const app = express();
app.post("/act-as", express.json(), (request, response) => {
  person = request.body;
  response.sendStatus(204);
});
app.get("/metadata", samlp.metadata({ issuer, cert, endpointPath: "/sso", redirectEndpointPath: "/sso", postEndpointPath: "/sso", logoutEndpointPaths: { redirect: "/logout" } }));
app.get("/sso", samlp.auth({
  issuer, cert, key, sessionIndex: "session-1",
  getPostURL: (_audience, _document, _request, done) => done(null, postUrl),
  getUserFromRequest: () => person,
  profileMapper: mapper,
  recipient: postUrl,
  destination: postUrl,
}));
// Single logout. The test says who takes part: POST /participants [{serviceProviderId, serviceProviderLogoutURL, ...}].
let participants = [];
const states = new Map();
const store = {
  save(_request, state, done) { const id = `state-${states.size}`; states.set(id, state); done(null, id); },
  load(_request, id, options, done) { (done ?? options)(null, states.get(id)); },
  update(_request, id, state, done) { states.set(id, state); done(null); },
};
const logout = {
  issuer, cert, key, store, deflate: true, signatureAlgorithm: "rsa-sha256", digestAlgorithm: "sha256",
  protocolBinding: "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect",
};
app.post("/participants", express.json(), (request, response) => {
  participants = request.body;
  response.sendStatus(204);
});
app.get("/logout", (request, response, next) => {
  request.body ??= {};
  samlp.logout({
    ...logout,
    sessionParticipants: {
      hasElements: () => participants.length > 0,
      getFirst: (done) => done(null, participants[0]),
      get: (issuer, _indices, nameId, done) =>
        done(null, participants.find((one) => one.serviceProviderId === issuer && one.nameId === nameId)),
      remove: (issuer, _index, nameId, done) => {
        participants = participants.filter((one) => one.serviceProviderId !== issuer || one.nameId !== nameId);
        done(null);
      },
    },
  })(request, response, next);
});
app.use((error, _request, response, _next) => response.status(400).send(String(error)));
app.listen(port, "127.0.0.1", () => console.log("ready"));
