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
app.get("/metadata", samlp.metadata({ issuer, cert, endpointPath: "/sso", redirectEndpointPath: "/sso", postEndpointPath: "/sso" }));
app.get("/sso", samlp.auth({
  issuer, cert, key,
  getPostURL: (_audience, _document, _request, done) => done(null, postUrl),
  getUserFromRequest: () => person,
  profileMapper: mapper,
  recipient: postUrl,
  destination: postUrl,
}));
app.listen(port, "127.0.0.1", () => console.log("ready"));
