// Step one: the number. Also keeps what is known of the code that was sent, for the steps after it.

import { deviceInfo, randomKey, request } from "./api.js";
import { callingCode, fillCountries } from "./countries.js";
import { byId, clearErrors, release, runOnce, setFieldError, show, showProblem } from "./ui.js";

const PENDING = "quickstart.pending";
const [form, country, phone, remember, hint] =
  ["phone-form", "country", "phone", "remember", "phone-hint"].map(byId);
const button = form.querySelector("button");

// One key per submission: a repeat after a lost reply shall not send a second message.
let attempt = { body: "", key: "" };

/** `onSent(pending)` is called when a code is on its way. */
export function initPhone(onSent) {
  fillCountries(country);
  showHint();
  country.addEventListener("change", showHint);
  form.addEventListener("input", () => release(button)); // another number has its own limits
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    runOnce(button, () => submit(onSent));
  });
}

export function showPhone(options) {
  forgetPending();
  attempt = { body: "", key: "" };
  show("phone", options);
}

async function submit(onSent) {
  clearErrors("phone");
  const complaint = complaintAbout(phone.value.trim());
  if (complaint) return setFieldError(phone, complaint);
  try {
    const code = callingCode(country.value);
    const number = { phone_number: phone.value.trim(), ...(code && { country_code: code }) };
    onSent(await sendCode(number, remember.checked));
  } catch (problem) {
    showProblem("phone", problem, { fields: { phone_number: phone, country_code: country }, button });
  }
}

/** Asks for a code; gives the pending sign-in. */
export async function sendCode(number, rememberMe) {
  const body = { ...number, remember_me: rememberMe, device_info: deviceInfo() };
  const spelled = JSON.stringify(body);
  if (attempt.body !== spelled) attempt = { body: spelled, key: randomKey() };
  try {
    const reply = await request("POST", "send-otp", { body, key: attempt.key });
    attempt = { body: "", key: "" };
    return keepPending(pendingFrom(reply, number, rememberMe));
  } catch (problem) {
    if (!problem.isUncertain) attempt = { body: "", key: "" };
    throw problem;
  }
}

/** The reply of send and resend in absolute times, with the number in the server's spelling. */
export function pendingFrom(reply, number, rememberMe) {
  const now = Date.now();
  return {
    number: isWhole(reply.phone_number) ? { phone_number: reply.phone_number } : number,
    remember: rememberMe,
    shown: reply.phone_number ?? number.phone_number,
    channel: reply.channel ?? "sms",
    challenge: reply.challenge_id,
    expiresAt: now + reply.expires_in * 1000,
    resendAt: now + (reply.resend_in ?? 0) * 1000,
  };
}

/** False for a masked number, which later requests cannot name. */
function isWhole(number) {
  return /^\+\d+$/.test(number ?? "");
}

// Phones unload a page in the background while its user reads the message: the step survives that.

export function keepPending(pending) {
  try {
    sessionStorage.setItem(PENDING, JSON.stringify(pending));
  } catch {
    // Without storage a reload starts over.
  }
  return pending;
}

export function readPending() {
  try {
    const pending = JSON.parse(sessionStorage.getItem(PENDING));
    return pending && pending.expiresAt > Date.now() ? pending : null;
  } catch {
    return null;
  }
}

export function forgetPending() {
  try {
    sessionStorage.removeItem(PENDING);
  } catch {
    // Nothing was kept.
  }
}

function complaintAbout(number) {
  if (!number) return "Enter your phone number.";
  const isInternational = /^(\+|\uff0b|00)/.test(number.replace(/^[^\d+\uff0b]+/u, ""));
  if (!country.value && !isInternational) return "Choose a country, or start the number with + and its calling code.";
  return "";
}

function showHint() {
  hint.textContent = country.value
    ? "With or without the calling code."
    : "Start with + and the calling code, for example +352 621 123 456.";
}
