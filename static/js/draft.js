// Keeps what an officer types on this device until the server has it: through a lost connection, a closed tab, and a
// session that has ended. It goes as soon as it is saved.
const form = document.getElementById("draft");
const said = document.getElementById("kept");
const key = form.dataset.keep;
const OURS = new Set(["csrf_token", "revision", "editor", "over"]);
const AGAIN = 5000; // milliseconds between two tries while there is no connection

let typed = 0; // how often something was typed …
let sent = 0; // … when the last save went out
let lost = false;

const fields = () => [...new FormData(form)].filter(([name]) => name !== "csrf_token");
const words = (pairs) => JSON.stringify(pairs.filter(([name]) => !OURS.has(name)));
const save = () => form.dispatchEvent(new Event("change", { bubbles: true }));

function keep() {
  typed += 1;
  try {
    localStorage.setItem(key, JSON.stringify({ at: Date.now(), fields: fields() }));
  } catch {
    // A full or forbidden storage: the server is asked all the same.
  }
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
  const kept = JSON.parse(localStorage.getItem(key) ?? "null");
  if (!kept) return;
  if (words(kept.fields) === words(fields())) return localStorage.removeItem(key);
  fill(kept.fields);
  const when = new Date(kept.at).toLocaleTimeString("en-GB", { hour: "numeric", minute: "2-digit", hour12: true });
  said.textContent = `What you typed here at ${when} had not been saved. It is back in the form.`;
  typed += 1;
  save();
}

form.addEventListener("input", keep);
form.addEventListener("htmx:before:request", () => (sent = typed));
form.addEventListener("htmx:after:request", (event) => {
  if (lost) said.textContent = "There is a connection again.";
  lost = false;
  if (event.detail.ctx.response.status === 200 && sent === typed) localStorage.removeItem(key);
});
form.addEventListener("htmx:error", () => {
  lost = true;
  said.textContent = "No connection. What you type is kept on this device, and saved when there is one.";
  setTimeout(save, AGAIN);
});
document.addEventListener("click", (event) => {
  if (event.target.closest("a[data-forget], [data-forget] button")) localStorage.removeItem(key); // they want it no more
});
window.addEventListener("online", () => lost && save());

// After htmx has taken the form in hand, so that what is put back is saved.
document.readyState === "complete" ? restore() : window.addEventListener("load", restore);
