// Who the visitor is. Subdomains share the id by a cookie; what each of them keeps of a person belongs to that id.
import { uuid } from "./events.js";
import { isId } from "./linker.js";
import { cookie } from "./storage.js";

const ID = "tributary_id";
const NOBODY = " "; // is no id, and tells other subdomains that the one they keep is over

export class Visitor {
  /** @param {import("./storage.js").Storage} storage */
  constructor(storage) {
    this.storage = storage;
    /** @type {string | null} */ this.arrived = null; // the id that another domain handed over
  }

  id() {
    const shared = cookie.get(ID);
    const own = this.storage.get("id");
    if (own && shared && shared !== own) this.forgetHere(); // on another subdomain the person logged out or refused
    const id = [shared, this.storage.get("id"), this.arrived].find(isId) || uuid(); // browsers delete cookies early: then its own stands
    if (this.storage.get("id") !== id) this.storage.set("id", id);
    if (shared !== id) cookie.set(ID, id);
    return id;
  }

  forgetHere() {
    ["id", "user", "session"].forEach((key) => this.storage.remove(key));
  }

  /** @param {boolean} [isEnd] whether other subdomains are told, while no new id may be kept that would do so */
  forget(isEnd) {
    this.forgetHere();
    if (isEnd && cookie.get(ID)) this.end();
    else cookie.remove(ID);
    this.arrived = null;
  }

  end() {
    cookie.set(ID, NOBODY);
  }
}
