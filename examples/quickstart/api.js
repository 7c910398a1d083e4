// Talks to the API and turns whatever goes wrong into one `Problem`.

const BASE = "/api/v1/auth";
const TIMEOUT_MS = 15_000;
const FALLBACK_WAIT_S = 30;
const DEVICE_INFO_MAX = 100;

/** A refusal of the server (RFC 9457), or a request that got no usable answer (status 0). */
export class Problem extends Error {
  constructor({ status = 0, slug = "", detail, field, retryAfter, triesLeft }) {
    super(detail);
    Object.assign(this, { status, slug, field, retryAfter, triesLeft });
  }

  /** True when the server may or may not have acted, so that the same request is worth repeating. */
  get isUncertain() {
    return this.status === 0 || this.status === 408 || this.status >= 500;
  }
}

/** One request; gives the JSON reply, or null for 204. `key` is sent as Idempotency-Key. */
export async function request(method, path, { body, token, key, timeout = TIMEOUT_MS } = {}) {
  const headers = { accept: "application/json" };
  if (body) headers["content-type"] = "application/json";
  if (token) headers.authorization = `Bearer ${token}`;
  if (key) headers["idempotency-key"] = key;
  const { response, text } = await exchange(`${BASE}/${path}`, {
    method,
    headers,
    body: body && JSON.stringify(body),
    cache: "no-store",
    signal: AbortSignal.timeout(timeout),
  });
  const json = parse(text);
  if (!response.ok) throw refusal(response, json);
  if (response.status === 204) return null;
  if (!json) throw new Problem({ slug: "unreadable", detail: "The server gave an answer this page cannot read. Please try again." });
  return json;
}

async function exchange(url, options) {
  try {
    const response = await fetch(url, options);
    return { response, text: await response.text() };
  } catch (error) {
    const detail = error.name === "TimeoutError"
      ? "The server took too long to answer. Please try again."
      : "We could not reach the server. Check your connection and try again.";
    throw new Problem({ slug: "network", detail });
  }
}

function parse(text) {
  try {
    const json = JSON.parse(text);
    return json !== null && typeof json === "object" ? json : null;
  } catch {
    return null;
  }
}

function refusal(response, json) {
  return new Problem({
    status: response.status,
    slug: String(json?.type ?? "").split(":").pop(),
    detail: json?.detail ?? json?.title ?? `Something went wrong (${response.status}). Please try again.`,
    field: json?.field,
    retryAfter: waitOf(response, json),
    triesLeft: json?.tries_left,
  });
}

/** Seconds to wait; undefined when the server named none and none is needed. */
function waitOf(response, json) {
  const seconds = Number(response.headers.get("retry-after") ?? json?.retry_after ?? NaN);
  if (seconds > 0) return seconds;
  return response.status === 429 ? FALLBACK_WAIT_S : undefined;
}

/** A random key; `randomUUID` exists only on HTTPS and localhost. */
export function randomKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Something a person recognises in a list of sessions, such as "Chrome on Linux". */
export function deviceInfo() {
  const data = navigator.userAgentData;
  const browser = (data && brandOf(data.brands)) || browserOf(navigator.userAgent);
  const system = data?.platform || systemOf(navigator.userAgent);
  return (system ? `${browser} on ${system}` : browser).slice(0, DEVICE_INFO_MAX);
}

function brandOf(brands) {
  // Browsers add made-up brands ("Not A;Brand") and their engine ("Chromium") beside their own name.
  const named = brands.map(({ brand }) => brand).filter((brand) => !/not.*brand/i.test(brand));
  const own = named.find((brand) => brand !== "Chromium") ?? named[0];
  return own?.replace(/^(Google|Microsoft) /, "");
}

function browserOf(agent) {
  const known = [[/Edg(e|A|iOS)?\//, "Edge"], [/OPR\//, "Opera"], [/SamsungBrowser\//, "Samsung Internet"],
    [/(Firefox|FxiOS)\//, "Firefox"], [/(Chrome|CriOS)\//, "Chrome"], [/Safari\//, "Safari"]];
  return known.find(([pattern]) => pattern.test(agent))?.[1] ?? "Browser";
}

function systemOf(agent) {
  const known = [[/iPhone/, "iPhone"], [/iPad/, "iPad"], [/Android/, "Android"], [/Windows/, "Windows"],
    [/Mac OS X/, "macOS"], [/CrOS/, "ChromeOS"], [/Linux/, "Linux"]];
  return known.find(([pattern]) => pattern.test(agent))?.[1];
}
