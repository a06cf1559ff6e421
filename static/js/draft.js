// Keeps what an officer types on this device until the server has it: through a lost connection, a closed tab, and a
// session that has ended. It goes as soon as it is saved.
const form = document.getElementById("draft");
const said = document.getElementById("kept");
const key = form.dataset.keep;
const OURS = new Set(["csrf_token", "revision", "editor", "over"]);
const AGAIN = 5000; // milliseconds between two tries while there is no connection
const GONE = 20000; // milliseconds in which the next page has come, or does not come any more

let typed = 0; // how often something was typed …
let sent = 0; // … when the last save went out
let saved = 0; // … when the last save went out that was kept
let lost = false;
let renewed = false; // the form has the token of a new session, which has saved nothing yet
let leaving = false; // a button of the form was pressed, which saves too

const fields = () => [...new FormData(form)].filter(([name]) => name !== "csrf_token");
const words = (pairs) => JSON.stringify(pairs.filter(([name]) => !OURS.has(name)));
const save = () => form.dispatchEvent(new Event("change", { bubbles: true }));
const forget = () => localStorage.removeItem(key);
const copy = () => JSON.parse(localStorage.getItem(key) ?? "null");

function put(kept) {
  try {
    localStorage.setItem(key, JSON.stringify(kept));
  } catch {
    // A full or forbidden storage: the server is asked all the same.
  }
}

function keep() {
  typed += 1;
  put({ at: Date.now(), fields: fields() });
}

function fill(pairs) {
  const values = new Map();
  for (const [name, value] of pairs) values.set(name, [...(values.get(name) ?? []), value]);
  for (const field of form.elements) {
    if (!field.name || field.name === "csrf_token" || field.type === "submit") continue;
    const mine = values.get(field.name) ?? [];
    if (field.type === "checkbox" || field.type === "radio") field.checked = mine.includes(field.value);
    else if (mine.length) field.value = mine[0];
  }
}

function restore() {
  const kept = copy();
  if (!kept || "unsaved" in form.dataset) return; // where it could not be saved, it is still in the form
  if (words(kept.fields) === words(fields())) return forget();
  fill(kept.fields);
  const when = new Date(kept.at).toLocaleTimeString("en-GB", { hour: "numeric", minute: "2-digit", hour12: true });
  said.textContent = `What you typed here at ${when} had not been saved. It is back in the form.`;
  typed += 1;
  save();
}

function connected(isSo) {
  lost = !isSo;
  document.body.classList.toggle("site-offline", lost);
}

// The form goes by itself, with all that is in it: a save beside it would only meet it there. handed.js forgets what
// is kept here, once the server has it.
function leave() {
  leaving = true;
  form.dispatchEvent(new Event("htmx:abort"));
  const kept = copy();
  if (kept) put({ ...kept, handed: true });
  setTimeout(stay, GONE);
}

function stay() {
  leaving = false;
}

form.addEventListener("input", keep);
form.addEventListener("submit", leave);
window.addEventListener("pageshow", stay);
form.addEventListener("htmx:before:request", (event) => {
  if (event.target !== form) return; // it is the search inside
  if (leaving) event.preventDefault();
  else sent = typed;
});
form.addEventListener("htmx:after:request", (event) => {
  if (event.target !== form) return;
  if (lost) said.textContent = "There is a connection again.";
  connected(true);
  if (event.detail.ctx.response.status !== 200) return;
  renewed = false;
  saved = sent;
  if (saved === typed) forget();
});
form.addEventListener("htmx:error", (event) => {
  if (event.target !== form) return;
  connected(false);
  said.textContent = "No connection. What you type is kept on this device, and saved when there is one.";
  setTimeout(save, AGAIN);
});
document.addEventListener("click", (event) => {
  if (event.target.closest("a[data-forget], [data-forget] button")) forget(); // they want it no more
});
document.addEventListener("renewed", (event) => {
  // They have signed in again, in another tab.
  for (const field of document.querySelectorAll("input[name=csrf_token]")) field.value = event.detail.token;
  if (!renewed) save();
  renewed = true;
});
window.addEventListener("online", () => lost && save());
document.addEventListener("visibilitychange", () => !document.hidden && saved !== typed && save());

// After htmx has taken the form in hand, which it does in a timer of its own: what is put back is saved.
document.readyState === "complete" ? restore() : window.addEventListener("load", () => setTimeout(restore));
