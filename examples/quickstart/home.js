// The signed-in view: who, on which devices, and the ways out.

import { call, endSession } from "./session.js";
import { announce, byId, runOnce, setAlert, show } from "./ui.js";

const [list, state, retry] = ["sessions", "sessions-state", "sessions-retry"].map(byId);
// No year: a session lives for weeks.
const dates = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", hour: "numeric", minute: "2-digit" });

export function initHome() {
  for (const [id, options] of [["sign-out", {}], ["sign-out-all", { everywhere: true }]]) {
    byId(id).addEventListener("click", ({ currentTarget }) => runOnce(currentTarget, () => signOut(options)));
  }
  retry.addEventListener("click", ({ currentTarget }) => runOnce(currentTarget, loadSessions));
}

/** Shows the user; the sessions follow when they have arrived. */
export function showHome(user, { isNew = false, quiet = false } = {}) {
  byId("home-title").textContent = isNew ? `Welcome${user.first_name ? `, ${user.first_name}` : ""}` : "You are signed in";
  const number = Object.assign(document.createElement("bdi"), { className: "number", textContent: user.phone_number });
  byId("home-lead").replaceChildren(isNew ? "Your account is ready. " : "", "Signed in as ", number);
  list.replaceChildren();
  show("home", { quiet });
  return loadSessions();
}

async function loadSessions() {
  setAlert("home", "");
  state.textContent = list.childElementCount ? "" : "Loading…";
  try {
    const { sessions } = await call("GET", "sessions");
    list.replaceChildren(...sessions.map(item));
    if (document.activeElement === retry) byId("sessions-title").focus();
    retry.hidden = true;
  } catch (problem) {
    setAlert("home", problem.message);
    retry.hidden = false;
  }
  state.textContent = "";
}

function item(session) {
  const name = session.device_info || "Unknown device";
  const row = document.createElement("li");
  const text = document.createElement("div");
  text.append(line("device", name), line("hint", "Signed in ", time(session.created_at)),
    line("hint", "Last used ", time(session.last_used_at)));
  row.append(text);
  if (session.current) text.prepend(line("badge", "This device"));
  else row.append(revokeButton(session, name, row));
  return row;
}

function revokeButton(session, name, row) {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "small", textContent: "Sign out" });
  button.ariaLabel = `Sign out ${name}, last used ${dateText(session.last_used_at)}`;
  button.addEventListener("click", () => runOnce(button, () => revoke(session, name, row)));
  return button;
}

async function revoke(session, name, row) {
  setAlert("home", "");
  try {
    await call("DELETE", `sessions/${encodeURIComponent(session.id)}`);
  } catch (problem) {
    if (problem.status !== 404) return setAlert("home", problem.message); // 404: it has ended already
  }
  row.remove();
  byId("sessions-title").focus();
  announce(`${name} is signed out.`);
}

async function signOut(options) {
  setAlert("home", "");
  try {
    await endSession(options);
  } catch (problem) {
    setAlert("home", `You are still signed in. ${problem.message}`);
  }
}

function line(className, ...content) {
  const paragraph = document.createElement("p");
  paragraph.className = className;
  paragraph.append(...content);
  return paragraph;
}

function time(value) {
  return Object.assign(document.createElement("time"), { dateTime: value, textContent: dateText(value) });
}

function dateText(value) {
  const date = new Date(value);
  return Number.isNaN(date.getTime()) ? "at an unknown time" : dates.format(date);
}
