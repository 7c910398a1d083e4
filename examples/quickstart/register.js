// A first sign-in that asks for consent before there is an account.

import { deviceInfo, request } from "./api.js";
import { byId, clearErrors, release, runOnce, setFieldError, show, showProblem } from "./ui.js";

const TICKET_DEAD = [401, 409, 410];
const form = byId("register-form");
const consent = byId("consent");
const button = form.querySelector("button");

let pending = null;
let ticket = "";

/** `onRegistered(reply, pending)` gets the tokens, `onLeave(message)` a dead ticket or "another number". */
export function initRegister({ onRegistered, onLeave }) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    runOnce(button, () => submit(onRegistered, onLeave));
  });
  byId("register-cancel").addEventListener("click", () => onLeave(""));
}

export function showRegister(reply, verified) {
  pending = verified;
  ticket = reply.registration_ticket;
  form.reset();
  release(button);
  clearErrors("register");
  show("register");
}

async function submit(onRegistered, onLeave) {
  clearErrors("register");
  const complaint = firstComplaint();
  if (complaint) return setFieldError(...complaint);
  try {
    onRegistered(await request("POST", "complete-registration", { body: body() }), pending);
  } catch (problem) {
    if (TICKET_DEAD.includes(problem.status)) return onLeave(problem.message);
    showProblem("register", problem, { fields: fields(), button });
  }
}

function firstComplaint() {
  const { email } = form.elements;
  if (!email.validity.valid) return [email, "Enter a complete e-mail address, such as name@example.com."];
  if (!consent.checked) return [consent, "Please agree to continue."];
  return null;
}

function body() {
  const typed = ["first_name", "last_name", "email"]
    .map((name) => [name, form.elements[name].value.trim()])
    .filter(([, value]) => value);
  return {
    ...pending.number,
    registration_ticket: ticket,
    ...Object.fromEntries(typed),
    consent_version: consent.dataset.version,
    consent_text_id: consent.dataset.textId,
    device_info: deviceInfo(),
  };
}

function fields() {
  const { first_name, last_name, email } = form.elements;
  return { first_name, last_name, email, consent, consent_version: consent, consent_text_id: consent };
}
