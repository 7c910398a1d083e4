// The page's small vocabulary: views, messages, field errors, busy and waiting buttons, countdowns.

const TITLE = "Quickstart";
const SPEAK_AFTER_MS = 50;

export const byId = (id) => document.getElementById(id);

const within = (view, selector) => document.querySelector(`[data-view="${view}"] ${selector}`);

/** Shows one view and moves the focus to `focus` or its heading, so that a screen reader follows. */
export function show(view, { focus, note = "", alert = "", quiet = false } = {}) {
  for (const section of document.querySelectorAll("[data-view]")) {
    section.hidden = section.dataset.view !== view;
  }
  const heading = within(view, "h1");
  document.title = `${heading.textContent} · ${TITLE}`;
  setNote(view, note);
  setAlert(view, alert);
  if (!quiet) (focus ?? heading).focus();
}

/** A message about the whole form. */
export function setAlert(view, text) {
  say(within(view, "[data-alert]"), text);
}

/** Good news about the whole form. */
export function setNote(view, text) {
  say(within(view, "[data-note]"), text);
}

/** Read out by screen readers, shown to nobody. */
export function announce(text) {
  say(byId("announce"), text);
}

const speaking = new WeakMap();

/** Fills a live region; it is emptied first, so that the same words are read out again. */
function say(box, text) {
  if (!box) return;
  clearTimeout(speaking.get(box));
  box.textContent = "";
  if (text) speaking.set(box, setTimeout(() => { box.textContent = text; }, SPEAK_AFTER_MS));
}

/** Ties a message to its field and moves the focus there. */
export function setFieldError(input, text) {
  byId(`${input.id}-error`).textContent = text;
  input.setAttribute("aria-invalid", "true");
  input.focus();
}

export function clearErrors(view) {
  setAlert(view, "");
  setNote(view, "");
  for (const input of document.querySelectorAll(`[data-view="${view}"] [aria-invalid]`)) clearFieldError(input);
}

function clearFieldError(input) {
  input.removeAttribute("aria-invalid");
  byId(`${input.id}-error`).textContent = "";
}

/** Shows a refusal where it belongs: at the field the server names, on the button, or above the form. */
export function showProblem(view, problem, { fields = {}, button } = {}) {
  const input = fields[problem.field];
  if (input) return setFieldError(input, problem.message);
  setAlert(view, problem.message);
  if (button && problem.retryAfter) hold(button, problem.retryAfter, { onEnd: () => setAlert(view, "") });
}

/** Runs the task once: a second press while it runs, or while the button waits, does nothing. */
export async function runOnce(button, task) {
  if (button.hasAttribute("aria-busy")) return;
  if (button.hasAttribute("aria-disabled")) return announce(waitHint(button).textContent);
  button.setAttribute("aria-busy", "true");
  try {
    await task();
  } finally {
    button.removeAttribute("aria-busy");
  }
}

// aria-disabled and not `disabled`: a disabled button would drop the focus.
const holds = new WeakMap();

/** Makes a button wait and counts down beside it. */
export function hold(button, seconds, { words = "You can try again in", onEnd = () => {} } = {}) {
  release(button);
  if (seconds <= 0) return;
  button.setAttribute("aria-disabled", "true");
  const stop = countdown(Date.now() + seconds * 1000, (left) => {
    waitHint(button).textContent = `${words} ${clockText(left)}`;
  }, () => {
    release(button);
    onEnd();
    if (!button.closest("[hidden]")) announce(`“${button.textContent}” is available again.`);
  });
  holds.set(button, stop);
}

export function release(button) {
  holds.get(button)?.();
  holds.delete(button);
  button.removeAttribute("aria-disabled");
  waitHint(button).textContent = "";
}

function waitHint(button) {
  return byId(button.getAttribute("aria-describedby"));
}

/** Ticks every second until the time has come; gives a function that stops it. */
export function countdown(until, onTick, onEnd) {
  let timer = 0;
  const tick = () => {
    const left = Math.ceil((until - Date.now()) / 1000);
    if (left <= 0) return onEnd();
    timer = setTimeout(tick, (until - Date.now()) % 1000 || 1000);
    onTick(left);
  };
  tick();
  return () => clearTimeout(timer);
}

/** 65 gives "1:05". */
export function clockText(seconds) {
  const pad = (part) => String(part).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours ? `${hours}:${pad(minutes)}:${pad(seconds % 60)}` : `${minutes}:${pad(seconds % 60)}`;
}
