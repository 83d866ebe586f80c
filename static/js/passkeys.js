// Passkeys: forms that ask the browser for a credential before they are sent. Without JavaScript they are not shown.
const ERRORS = {
  NotAllowedError: "cancelled",
  AbortError: "cancelled",
  SecurityError: "address",
  InvalidStateError: "known",
};

const ways = {
  async add(form) {
    const options = optionsIn(form).creation_options.publicKey;
    // Without a password the key must know its person by itself, and check that it is that person.
    const isPasswordless = form.elements.passwordless?.checked ?? false;
    options.authenticatorSelection = {
      ...options.authenticatorSelection,
      residentKey: isPasswordless ? "required" : "discouraged",
      requireResidentKey: isPasswordless,
      ...(isPasswordless ? { userVerification: "required" } : {}),
    };
    return navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) });
  },
  async use(form) {
    return answer(optionsIn(form).request_options.publicKey);
  },
  async "sign-in"(form) {
    const response = await fetch(form.action, { headers: { Accept: "application/json" } });
    if (!response.ok) throw new Error(`${response.status}`);
    return answer((await response.json()).request_options.publicKey);
  },
};

function answer(options) {
  return navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
}

function optionsIn(form) {
  return JSON.parse(form.querySelector("#passkey-data").textContent);
}

function show(form, reason) {
  for (const message of form.querySelectorAll("[data-passkey-error]")) {
    message.hidden = message.dataset.passkeyError !== reason;
  }
}

async function ask(event) {
  const form = event.currentTarget;
  event.preventDefault();
  show(form, "");
  if (!window.PublicKeyCredential?.parseRequestOptionsFromJSON) return show(form, "unsupported");
  const button = form.querySelector("[type=submit]");
  button.dataset.busy = "";
  try {
    const credential = await ways[form.dataset.passkey](form);
    form.elements.credential.value = JSON.stringify(credential.toJSON());
    form.submit();
  } catch (error) {
    show(form, ERRORS[error.name] ?? "failed");
    delete button.dataset.busy;
  }
}

export function enhancePasskeys() {
  for (const form of document.querySelectorAll("form[data-passkey]")) form.addEventListener("submit", ask);
}
