/** The browser SDK of Tributary. */

export interface Options {
  /** The write key of a web stream. It can send events and read nothing. */
  writeKey: string;
  /** The address of collect, such as https://collect.example.com */
  host: string;
  /** "required": store and send nothing before consent() says so. */
  consent?: "required";
  /** What Global Privacy Control means: a refusal, or nothing. Default: a refusal. */
  gpc?: "deny" | "ignore";
  /** "auto" sends a page view at the start and whenever the address changes. Default: "auto". */
  pages?: "auto" | "off";
  /** Other domains of yours; links to them carry the visitor's id. */
  domains?: string[];
  /** Told of every event that was not taken, and why. */
  onError?: (reason: Reason, event?: unknown) => void;
}

export type Reason =
  | "no_name"
  | "no_identity"
  | "no_group"
  | "too_long"
  | "wrong_type"
  | "too_large"
  | "not_json"
  | "queue_full"
  | "consent_denied"
  | (string & {});

/** Anything that JSON can hold. Money: `revenue` (or `value`, `total`) with `currency`. */
export type Properties = Record<string, unknown> & { revenue?: number | string; currency?: string; order_id?: string };
export type Consent = "granted" | "denied" | boolean | Record<string, boolean | string | number | null>;
export interface More {
  /** Your own id, such as that of an order: the same one counts once. */
  messageId?: string | number;
  /** ISO 8601; default: now. */
  timestamp?: string;
  context?: Record<string, unknown>;
}

export interface Client {
  track(event: string, properties?: Properties, more?: More): void;
  page(name?: string, properties?: Properties): void;
  /** Without an id, or with traits alone, the traits are of the person who is known. */
  identify(userId: string | number | null | Record<string, unknown>, traits?: Record<string, unknown>): void;
  group(groupId: string, traits?: Record<string, unknown>): void;
  alias(userId: string, previousId?: string): void;
  consent(said: Consent): void;
  /** Delete what is stored and measure nothing from now on, until optIn. */
  optOut(): void;
  optIn(): void;
  /** Forget the person, as after a logout. */
  reset(): void;
  /** Send what waits now; settles when that was tried. */
  flush(): Promise<void>;
  /** The visitor's anonymous id, or an empty text while nothing may be kept. */
  id(): string;
  /** The address with a mark by which another domain of yours knows the visitor, for two minutes. */
  decorate(href: string): string;
}

/** Begin measuring; once for each write key, a second call gives the same client. */
export function init(options: Options): Client;

type Arguments<Name extends keyof Client> = Parameters<Client[Name]>;
declare global {
  interface Window {
    /** Set by the snippet: tributary("track", "Order Completed", { revenue: 49.9, currency: "EUR" }) */
    tributary: {
      <Name extends keyof Client>(name: Name, ...given: Arguments<Name>): ReturnType<Client[Name]>;
      (name: "ready", work: (client: Client) => void): void;
    };
  }
}
