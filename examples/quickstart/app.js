// The way through the page: number, code, perhaps a registration, signed in.

import { initCode, leave, showCode } from "./code.js";
import { initHome, showHome } from "./home.js";
import { initPhone, readPending, showPhone } from "./phone.js";
import { initRegister, showRegister } from "./register.js";
import { beginSession, call, isRemembered, onSessionChange } from "./session.js";
import { byId, hold, release, runOnce, setAlert, show } from "./ui.js";

const retry = byId("retry");

initPhone((pending) => showCode(pending));
initCode({ onVerified, onLeave: () => showPhone({ focus: byId("phone") }) });
initRegister({ onRegistered: signedIn, onLeave: (alert) => showPhone({ alert }) });
initHome();
retry.addEventListener("click", () => runOnce(retry, () => resume()));
onSessionChange((change) => (change === "signed-in" ? resume() : signedOut(change)));
// A page from the back/forward cache missed what other tabs told it.
window.addEventListener("pageshow", ({ persisted }) => persisted && location.reload());
start();

function start() {
  if (isRemembered()) return resume({ quiet: true });
  const pending = readPending();
  if (pending) showCode(pending);
  else show("phone", { quiet: true });
}

function onVerified(reply, pending) {
  if (reply.registration_required) showRegister(reply, pending);
  else signedIn(reply, pending);
}

function signedIn(reply, pending) {
  beginSession(reply, pending.remember);
  showHome(reply.user, { isNew: reply.is_new_user });
}

/** Signs in with what an earlier visit, or another tab, has left. */
async function resume({ quiet = false } = {}) {
  leave();
  retry.hidden = true;
  release(retry);
  byId("wait-title").textContent = "One moment";
  byId("wait-lead").textContent = "Picking up where you left off.";
  show("wait", { quiet });
  try {
    const { user } = await call("GET", "me");
    await showHome(user, { quiet });
  } catch (problem) {
    if (isRemembered()) offerRetry(problem);
  }
}

function offerRetry(problem) {
  byId("wait-title").textContent = "Please try again";
  byId("wait-lead").textContent = "You stay signed in on this device until the server says otherwise.";
  retry.hidden = false;
  setAlert("wait", problem.message);
  if (problem.retryAfter) hold(retry, problem.retryAfter);
}

function signedOut(how) {
  showPhone({ note: how === "ended" ? "Your session has ended. Please sign in again." : "You are signed out." });
}
