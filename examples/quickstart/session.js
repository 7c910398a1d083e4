// Keeps the tab signed in: who holds the tokens, when they are renewed, what other tabs are told.
//
// The access token lives in memory only. The refresh token has to outlive a reload, so it is in
// sessionStorage (this tab, until it is closed) or, with "keep me signed in", in localStorage (every
// tab, until it expires). The price: a script that runs in this page could read it, where an HttpOnly
// cookie would hide it. The content security policy allows our own files alone to lower that risk.

import { Problem, request } from "./api.js";

const KEY = "quickstart.refresh";
const RENEW_BEFORE_MS = 30_000;
const RETRY_MS = 15_000;
const CONTENDED_MS = 5;
const NEWS_MS = 100;
const LONGEST_TIMER_MS = 2 ** 31 - 1;
// A refresh whose reply is lost is repeated at once: the server forgives the old token for seconds only.
const REFRESH_TIMEOUT_MS = 4_000;
const REFUSED = [400, 401, 403, 422];

const channel = "BroadcastChannel" in window ? new BroadcastChannel(KEY) : null;
let tokens = null; // { access, refresh, renewAt }
let renewing = null;
let timer = 0;
let listener = () => {};

/** Calls back with "signed-in" (by another tab), "signed-out" (here or there) or "ended" (by the server). */
export function onSessionChange(callback) {
  listener = callback;
}

/** True when a refresh token survives from before. */
export function isRemembered() {
  return readToken() !== null;
}

/** Takes the tokens of a fresh sign-in. */
export function beginSession(reply, remember) {
  clearTokens();
  adopt(reply, remember ? "localStorage" : "sessionStorage");
}

/** Renews the tokens unless that has happened since `stale` was in use; one tab at a time does it. */
export function renew(stale = tokens?.access) {
  renewing ??= exclusive(() => renewLocked(stale)).finally(() => { renewing = null; });
  return renewing;
}

/** A request with the access token; on 401 the token is renewed once. */
export async function call(method, path, body) {
  if (!tokens) await renew();
  const used = tokens?.access;
  try {
    return await request(method, path, { body, token: used });
  } catch (problem) {
    if (problem.status !== 401) throw problem;
  }
  await renew(used);
  return request(method, path, { body, token: tokens?.access });
}

/** Signs out here, or everywhere; the tokens stay when the server could not be told. */
export async function endSession({ everywhere = false } = {}) {
  if (everywhere) await call("POST", "logout", { all: true });
  else await exclusive(revokeOwn);
  forget("signed-out");
}

async function revokeOwn() {
  const refresh = readToken();
  if (!refresh) return;
  try {
    await request("POST", "logout", { body: { refresh_token: refresh } });
  } catch (problem) {
    if (!REFUSED.includes(problem.status)) throw problem; // refused: it was dead already
  }
}

async function renewLocked(stale) {
  // Another tab may have renewed while this one waited for its turn.
  if (tokens && tokens.access !== stale && Date.now() < tokens.renewAt) return;
  const previous = readToken();
  if (!previous) return lose();
  try {
    const reply = await refreshTwice({ refresh_token: previous });
    adopt(reply, placeOf(previous), previous);
  } catch (problem) {
    if (REFUSED.includes(problem.status)) lose();
    throw problem;
  }
}

async function refreshTwice(body) {
  try {
    return await request("POST", "refresh-token", { body, timeout: REFRESH_TIMEOUT_MS });
  } catch (problem) {
    if (problem.status !== 0) throw problem;
    return request("POST", "refresh-token", { body });
  }
}

function adopt(reply, place, previous) {
  const lifetime = reply.expires_in * 1000;
  const renewAt = Date.now() + Math.max(lifetime - RENEW_BEFORE_MS, lifetime / 2);
  tokens = { access: reply.access_token, refresh: reply.refresh_token, renewAt };
  writeToken(place, tokens.refresh);
  if (previous) channel?.postMessage({ previous, tokens });
  schedule();
}

function lose() {
  forget("ended");
  throw new Problem({ status: 401, slug: "unauthorized", detail: "Your session has ended. Please sign in again." });
}

function forget(how) {
  const previous = tokens?.refresh;
  clearTokens();
  if (previous) channel?.postMessage({ previous, tokens: null });
  listener(how);
}

/**
 * Web Locks keep two tabs from renewing at once. Browsers hand the lock over sooner than they pass on
 * localStorage and messages, so a tab that had to wait listens for the other one's news first. What
 * still slips through, and browsers without locks, the server's grace period forgives.
 */
function exclusive(task) {
  if (!navigator.locks) return task();
  const asked = performance.now();
  return navigator.locks.request(KEY, async () => {
    if (performance.now() - asked > CONTENDED_MS) await new Promise((resume) => setTimeout(resume, NEWS_MS));
    return task();
  });
}

function schedule(delay = tokens.renewAt - Date.now()) {
  clearTimeout(timer);
  timer = setTimeout(renewQuietly, Math.min(Math.max(delay, 0), LONGEST_TIMER_MS));
}

/** Only a tab in view renews by itself: forgotten tabs shall not keep a session alive for ever. */
async function renewQuietly() {
  if (!tokens || document.visibilityState !== "visible") return;
  if (Date.now() < tokens.renewAt) return schedule();
  try {
    await renew();
  } catch (problem) {
    if (tokens) schedule(Math.max((problem.retryAfter ?? 0) * 1000, RETRY_MS));
  }
}

document.addEventListener("visibilitychange", renewQuietly);

// A duplicated tab has a copy of sessionStorage, so tabs tell each other which token followed which.
channel?.addEventListener("message", ({ data }) => {
  const isOurs = tokens && (tokens.refresh === data.previous || tokens.refresh === data.tokens?.refresh);
  if (!isOurs) return;
  if (!data.tokens) {
    clearTokens();
    return listener("signed-out");
  }
  tokens = data.tokens;
  // localStorage is shared and may hold a newer token by now: only our own copy is brought up to date.
  if (readFrom("sessionStorage") === data.previous) writeToken("sessionStorage", tokens.refresh);
  schedule();
});

// Fires in the other tabs only: they follow a sign-in, a renewal and a sign-out of a remembered session.
window.addEventListener("storage", ({ key, newValue, storageArea }) => {
  if (storageArea !== window.localStorage || (key !== KEY && key !== null)) return;
  if (tokens && readFrom("sessionStorage")) return;
  if (newValue && tokens) tokens.refresh = newValue;
  else if (newValue) listener("signed-in");
  else if (tokens) {
    clearTokens();
    listener("signed-out");
  }
});

// Storage can be switched off altogether; then the session lasts until the page is left.
const memory = {};

function readToken() {
  return readFrom("sessionStorage") ?? readFrom("localStorage") ?? memory[KEY] ?? null;
}

function placeOf(token) {
  return ["sessionStorage", "localStorage"].find((place) => readFrom(place) === token);
}

function readFrom(place) {
  try {
    return window[place].getItem(KEY);
  } catch {
    return null;
  }
}

function writeToken(place, token) {
  try {
    window[place].setItem(KEY, token);
  } catch {
    memory[KEY] = token;
  }
}

/** Forgets this tab's session; a remembered one beside it belongs to other tabs and stays. */
function clearTokens() {
  clearTimeout(timer);
  tokens = null;
  delete memory[KEY];
  const place = readFrom("sessionStorage") ? "sessionStorage" : "localStorage";
  try {
    window[place].removeItem(KEY);
  } catch {
    // Nothing could be stored, so nothing is left behind.
  }
}
