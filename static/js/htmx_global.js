// A module of its own because imports are evaluated in order: the extensions after this one find window.htmx.
import htmx from "htmx.org";

window.htmx = htmx;
