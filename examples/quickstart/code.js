// Step two: the code, its clock, a new one, and the browser reading it from the message by itself.

import { deviceInfo, request } from "./api.js";
import { forgetPending, keepPending, pendingFrom, sendCode } from "./phone.js";
import { announce, byId, clearErrors, clockText, countdown, hold, release, runOnce, setFieldError, setNote, show, showProblem } from "./ui.js";

const CHANNELS = { sms: "by SMS", whatsapp: "on WhatsApp", voice: "by a call" };
const EXPIRED = "This code has expired. Ask for a new one.";
const NOT_LIVE = [401, 404, 409, 410];
const [form, input, expiry, resend] = ["code-form", "code", "code-expiry", "resend"].map(byId);
const button = form.querySelector("button");

let pending = null;
let stopClock = () => {};
let reading = null; // the AbortController of a running WebOTP request

/** `onVerified(reply, pending)` gets the server's answer to a right code, `onLeave` "another number". */
export function initCode({ onVerified, onLeave }) {
  input.addEventListener("input", tidy);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    runOnce(button, () => verify(onVerified));
  });
  resend.addEventListener("click", () => runOnce(resend, requestNewCode));
  byId("other-number").addEventListener("click", () => {
    leave();
    onLeave();
  });
}

export function showCode(sent, options) {
  take(sent);
  input.value = "";
  release(button);
  clearErrors("code");
  show("code", { focus: input, ...options });
}

/** Stops the clock and the reading of messages. */
export function leave() {
  stopClock();
  reading?.abort();
  pending = null;
}

function take(sent) {
  pending = sent;
  byId("code-channel").textContent = CHANNELS[sent.channel] ?? "";
  const masked = mask(sent.shown);
  byId("code-number").textContent = masked.replaceAll("*", "•");
  byId("code-number-spoken").textContent = `the number ending in ${masked.slice(-4)}`;
  startClock();
  resend.classList.remove("primary");
  hold(resend, (sent.resendAt - Date.now()) / 1000, { words: "You can ask for a new code in" });
  readMessage();
}

function startClock() {
  stopClock();
  stopClock = countdown(pending.expiresAt, (left) => {
    expiry.textContent = `The code is valid for ${clockText(left)}`;
  }, () => {
    expiry.textContent = EXPIRED;
    resend.classList.add("primary");
    announce(EXPIRED);
  });
}

async function verify(onVerified) {
  clearErrors("code");
  if (!input.value) return setFieldError(input, "Enter the code from the message.");
  if (isExpired()) return refuseExpired();
  reading?.abort();
  const current = pending;
  try {
    const reply = await request("POST", "verify-otp", { body: { ...address(), code: input.value, device_info: deviceInfo() } });
    if (pending !== current) return;
    leave();
    forgetPending();
    onVerified(reply, current);
  } catch (problem) {
    refuse(problem);
  }
}

function refuse(problem) {
  if (problem.status !== 401) return showProblem("code", problem, { fields: { code: input }, button });
  setFieldError(input, problem.message + triesText(problem.triesLeft));
  input.select();
  if (problem.triesLeft === 0) expire();
}

function triesText(left) {
  if (left === undefined || left === null) return "";
  if (left === 0) return " Ask for a new one.";
  return left === 1 ? " One try left." : ` ${left} tries left.`;
}

/** No code can be right any more: the way on is a new one. */
function expire() {
  pending.expiresAt = 0;
  keepPending(pending);
  stopClock();
  expiry.textContent = "";
  resend.classList.add("primary");
}

function isExpired() {
  return pending.expiresAt <= Date.now();
}

function refuseExpired() {
  setFieldError(input, EXPIRED);
  resend.focus();
  announce(EXPIRED);
}

async function requestNewCode() {
  clearErrors("code");
  const current = pending;
  try {
    const sent = await newCode(current);
    if (pending !== current) return;
    take(sent);
    input.value = "";
    release(button);
    input.focus();
    setNote("code", "A new code is on its way.");
  } catch (problem) {
    showProblem("code", problem, { button: resend });
  }
}

/** A live challenge is resent; a dead one cannot be, so a new sign-in takes its place. */
async function newCode({ number, remember }) {
  if (isExpired()) return sendCode(number, remember);
  try {
    const reply = await request("POST", "resend-otp", { body: { ...address(), device_info: deviceInfo() } });
    return keepPending(pendingFrom(reply, number, remember));
  } catch (problem) {
    if (!NOT_LIVE.includes(problem.status)) throw problem;
    return sendCode(number, remember);
  }
}

/** What names the challenge; its id is absent where the server binds codes to the phone alone. */
function address() {
  return { ...pending.number, ...(pending.challenge && { challenge_id: pending.challenge }) };
}

/** WebOTP: fills in the code of a message that ends in "@host #code". */
async function readMessage() {
  reading?.abort();
  if (!("OTPCredential" in window)) return;
  reading = new AbortController();
  const { signal } = reading;
  try {
    const found = await navigator.credentials.get({ otp: { transport: ["sms"] }, signal });
    if (!found?.code || signal.aborted) return;
    input.value = found.code;
    tidy();
    form.requestSubmit();
  } catch {
    // Declined, aborted or not possible here: the code is typed instead.
  }
}

/** Lets "123 456" be pasted and digits of other scripts be typed. */
function tidy() {
  const digits = input.value
    .replace(/[٠-٩]/g, (digit) => String(digit.charCodeAt(0) - 0x660))
    .replace(/[۰-۹]/g, (digit) => String(digit.charCodeAt(0) - 0x6f0))
    .replace(/\D/g, "");
  if (digits !== input.value) input.value = digits;
}

function mask(number) {
  return number.includes("*") ? number : `${number.slice(0, 3)}*****${number.slice(-4)}`;
}
