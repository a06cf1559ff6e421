// Signs people up at their doors, or keeps what they answer there, with or without a signal. Each is kept on this device, under whoever is signed in,
// until the server says that it took the one with this key: it may be sent twice, and is taken once.
const form = document.getElementById("door");
const { officer, worker, scope } = form.dataset;
const [sentences, typos] = [JSON.parse(form.dataset.sentences), JSON.parse(form.dataset.typos ?? "{}")];
const { key, ward, types, frequency, email, agree } = form.elements; // of a survey's questions the first two alone
const { pathname: action } = new URL(form.action);
const MINE = `door-${officer}-`;
const OLDEST = 7 * 24 * 3600 * 1000; // milliseconds that one waits here at most
const PATIENCE = 20000; // milliseconds for an answer
const AGAIN = 30000; // milliseconds between two tries
const TWICE = 2000; // milliseconds in which a tap on an empty form is the second of a double tap
const part = (id) => document.getElementById(id);

let trouble = ""; // why what waits has not gone: a name of [data-when]
let pressed = 0; // when the last one was kept
let busy = false;

// --- What is kept here ---

const names = (prefix = MINE) => Object.keys(localStorage).filter((name) => name.startsWith(prefix));
const read = (name) => ({ name, ...JSON.parse(localStorage.getItem(name)) });
const kept = () => names().map(read).sort((one, other) => one.at - other.at);
const waiting = () => kept().filter(({ wrong }) => !wrong);
const toMend = () => kept().filter(({ wrong }) => wrong);
const put = ({ name, ...entry }) => localStorage.setItem(name, JSON.stringify(entry));

function forgetOld() {
  const old = names("door-").filter((name) => Date.now() - read(name).at > OLDEST);
  for (const name of old) localStorage.removeItem(name);
  const mine = old.filter((name) => name.startsWith(MINE)).length;
  if (mine) say(`${mine} waited here for more than 7 days, and had to go unsent. Ask them once more.`);
}

function newKey() {
  key.value = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

// --- What is said ---

function say(words) {
  part("done").textContent = words;
  part("done").hidden = !words;
}

function show() {
  const count = waiting().length;
  const why = trouble || (navigator.onLine ? "" : "signal");
  part("waiting").hidden = !count;
  part("count").textContent = `${count} ${count === 1 ? "waits" : "wait"} ${why === "signal" ? "for a signal" : "to be sent"}`;
  for (const each of document.querySelectorAll("[data-when]")) each.hidden = each.dataset.when !== why;
  const list = part("mend").querySelector("ul");
  list.replaceChildren(...toMend().map(item));
  part("mend").hidden = !list.children.length;
}

function item(entry) {
  const line = part("to-mend").content.cloneNode(true);
  const [mending, away] = line.querySelectorAll("button");
  const time = new Date(entry.at).toLocaleTimeString("en-GB", { hour: "numeric", minute: "2-digit", hour12: true });
  line.querySelector("p").textContent = `Taken at ${time}: ${entry.wrong[0][1]}`;
  mending.addEventListener("click", () => {
    if (entry.action !== action) return location.assign(entry.action); // where its form is
    if (isUntouched() || confirm("What is in the form now is lost by this. Mend the other one?")) mend(entry);
  });
  away.addEventListener("click", () => {
    if (!confirm("Throw this away? It is gone for good.")) return;
    localStorage.removeItem(entry.name);
    show();
  });
  return line;
}

function clearErrors() {
  document.querySelector(".govuk-error-summary")?.remove();
  for (const message of form.querySelectorAll(".govuk-error-message")) {
    const described = form.querySelector(`[aria-describedby~="${message.id}"]`);
    if (described) describe(described, (ids) => ids.filter((id) => id !== message.id));
    message.remove();
  }
  for (const each of form.querySelectorAll(".govuk-form-group--error")) each.classList.remove("govuk-form-group--error");
  document.title = document.title.replace(/^Error: /, "");
}

// As the server shows them: first together, each leading to its field, and then beside it.
function showErrors(errors) {
  clearErrors();
  const summary = part("problem").content.cloneNode(true).firstElementChild;
  const list = Object.assign(document.createElement("ul"), { className: "govuk-list govuk-error-summary__list" });
  for (const [id, words] of errors) {
    const field = part(id);
    const link = Object.assign(document.createElement("a"), { href: `#${id}`, textContent: words });
    link.addEventListener("click", () => field.focus());
    const line = document.createElement("li");
    line.append(link);
    list.append(line);
    beside(field, words);
  }
  summary.querySelector(".govuk-error-summary__body").append(list);
  document.querySelector("h1").before(summary);
  document.title = `Error: ${document.title}`;
  summary.tabIndex = -1;
  summary.focus();
}

function beside(field, words) {
  const group = field.closest(".govuk-form-group");
  const message = Object.assign(document.createElement("p"), { id: `${field.name}-error`, className: "govuk-error-message" });
  const error = Object.assign(document.createElement("span"), { className: "govuk-visually-hidden", textContent: "Error:" });
  message.append(error, ` ${words}`);
  group.classList.add("govuk-form-group--error");
  group.querySelector(".govuk-checkboxes, .govuk-radios, .govuk-input, .govuk-select, .govuk-textarea").before(message);
  describe(group.querySelector("fieldset") ?? field, (ids) => [...ids, message.id]);
}

function describe(element, change) {
  const ids = change((element.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean));
  if (ids.length) element.setAttribute("aria-describedby", ids.join(" "));
  else element.removeAttribute("aria-describedby");
}

// --- What is typed ---

const problems = email ? wrongs : wrongAnswers;

function wrongAnswers() {
  if (!ward.value) return [[ward.id, sentences.ward]];
  const again = [...form.querySelectorAll("fieldset")].map(twice).filter(Boolean);
  if (again.length) return again.map(({ id }) => [id, sentences.again]);
  return isUntouched() ? [[answers()[0].id, sentences.nothing]] : [];
}

// Where something is put in an order, and stands in it for the second time.
function twice(question) {
  const chosen = [...question.querySelectorAll("select")].filter(({ value }) => value);
  return chosen.find(({ value }, place) => chosen.findIndex((one) => one.value === value) < place);
}

function wrongs() {
  const found = [];
  const check = (is, field, words) => is || found.push([field.id, words]);
  const typed = email.value.trim();
  check(ward.value, ward, sentences.ward);
  check([...types].some((each) => each.checked), types[0], sentences.types);
  check(frequency.value, frequency[0], sentences.frequency);
  check(typed, email, sentences.email);
  check(!typed || /^[^\s@]+@[^\s@]+\.[^\s@.]+$/.test(typed), email, sentences.email_format);
  check(agree.checked, agree, sentences.agree);
  return found;
}

function clean() {
  const before = ward.value;
  form.reset();
  ward.value = before; // the next door is near
  for (const typo of form.querySelectorAll("#typo")) typo.textContent = "";
  for (const details of form.querySelectorAll("details")) details.open = false;
  clearErrors();
  newKey();
}

function mend({ fields, wrong }) {
  clean();
  for (const field of form.elements) {
    const mine = fields.filter(([name]) => name === field.name).map(([, value]) => value);
    if (field.type === "checkbox" || field.type === "radio") field.checked = mine.includes(field.value);
    else if (mine.length) field.value = mine[0];
  }
  showErrors(wrong);
}

const answers = () => [...form.elements].filter((each) => each !== ward && !["hidden", "submit", "fieldset"].includes(each.type));
const isUntouched = () => answers().every((each) => ("checked" in each && /box|radio/.test(each.type) ? !each.checked : !each.value));

function suggest() {
  const [local, domain] = email.value.trim().toLowerCase().split("@");
  const meant = Object.hasOwn(typos, domain ?? "") && `${local}@${typos[domain]}`;
  part("typo").textContent = meant ? `Is that right? Perhaps it is ${meant}.` : "";
}

function submit(event) {
  if (isUntouched() && Date.now() - pressed < TWICE) return event.preventDefault();
  const errors = problems();
  if (errors.length) {
    event.preventDefault();
    return showErrors(errors);
  }
  const fields = [...new FormData(form)].filter(([name]) => name !== "csrf_token" && name !== "at");
  try {
    put({ name: MINE + key.value, at: Date.now(), action, fields });
  } catch {
    return; // a full storage: it goes as an ordinary form, while there is a signal
  }
  event.preventDefault();
  pressed = Date.now();
  clean();
  say("Kept on this device until it is sent.");
  show();
  part("status").focus();
  sendAll(true);
}

// --- What is sent ---

// `isPressed` when somebody is there, which keeps their session; a page alone does not.
async function sendAll(isPressed) {
  if (busy) return;
  busy = true;
  trouble = "";
  const tried = new Set();
  const next = () => waiting().find(({ name }) => !tried.has(name));
  for (let entry = next(); entry && (await send(entry, isPressed)); entry = next()) tried.add(entry.name);
  busy = false;
  show();
  const [refused] = toMend().filter((entry) => tried.has(entry.name) && entry.action === action);
  if (refused && isUntouched()) mend(refused);
}

// Whether the next one may go.
async function send(entry, isPressed, isRenewed = false) {
  const body = new URLSearchParams([...entry.fields, ["at", Math.floor(entry.at / 1000)]]);
  body.append("csrf_token", form.elements.csrf_token.value);
  if (!isPressed) body.append("by-itself", "1");
  const headers = { "HX-Request": "true", "HX-Request-Type": "partial" };
  try {
    const signal = AbortSignal.timeout(PATIENCE);
    const reply = await fetch(entry.action, { method: "POST", body, headers, redirect: "manual", signal });
    const said = new DOMParser().parseFromString(await reply.text(), "text/html");
    return await answered(entry, reply, said, () => !isRenewed && send(entry, isPressed, true));
  } catch {
    trouble = "signal";
    return false;
  }
}

async function answered(entry, reply, said, again) {
  const errors = [...said.querySelectorAll(".govuk-error-summary__list a")];
  const { renewed } = JSON.parse(reply.headers.get("HX-Trigger") ?? "{}");
  const taken = said.querySelector(`[data-taken="${entry.name.slice(MINE.length)}"]`);
  if (taken) {
    localStorage.removeItem(entry.name);
    say(taken.textContent);
    return true;
  }
  if (reply.status === 422 && errors.length) {
    put({ ...entry, wrong: errors.map((each) => [each.getAttribute("href").slice(1), each.textContent.trim()]) });
    say("");
    return true;
  }
  if (renewed) {
    for (const field of document.querySelectorAll("input[name=csrf_token]")) field.value = renewed.token;
    return again();
  }
  trouble = { 400: "other", 401: "out", 403: "out", 429: "often" }[reply.status] ?? "fault";
  return reply.status === 429; // that may be about this address alone
}

form.addEventListener("submit", submit);
email?.addEventListener("change", suggest);
part("send").addEventListener("click", () => sendAll(true));
window.addEventListener("online", () => sendAll(false));
window.addEventListener("offline", show);
window.addEventListener("storage", show);
document.addEventListener("visibilitychange", () => !document.hidden && sendAll(false));
setInterval(() => waiting().length && sendAll(false), AGAIN);

newKey(); // the one that came with a kept page may have been used
localStorage.setItem("door", officer);
forgetOld();
show();
sendAll(true);
navigator.serviceWorker?.register(worker, { scope }).catch(() => {}); // where it is forbidden, the page needs a signal
