// The {blanks} of a template: a tap selects all of one, so that typing takes its place, and a button leads to the next.
const BLANK = /\{[^{}\n]{1,80}\}/g;
const form = document.getElementById("draft");
const fields = [form.elements.namedItem("title"), form.elements.namedItem("body")];
const button = document.createElement("button");
let current = null; // the field that was written in last
let before = ""; // what was selected in it when it was tapped

const blanks = (field) => [...field.value.matchAll(BLANK)].map(({ index, 0: words }) => [index, index + words.length]);
const selected = (field) => [field.selectionStart, field.selectionEnd];

function tapped(field) {
  const [from, to] = selected(field);
  const blank = from === to && blanks(field).find(([start, end]) => start < from && from < end);
  if (blank && `${blank}` !== before) field.setSelectionRange(...blank); // a second tap goes into it
}

function next() {
  const all = fields.flatMap((field) => blanks(field).map((blank) => ({ field, blank })));
  const isAfter = ({ field, blank }) =>
    field === current ? blank[0] >= current.selectionEnd : fields.indexOf(field) > fields.indexOf(current);
  const { field, blank } = all.find(isAfter) ?? all[0];
  field.blur(); // a browser scrolls to where the cursor is when a field is entered
  field.setSelectionRange(blank[0], blank[0]);
  field.focus();
  field.setSelectionRange(...blank);
}

function show() {
  button.hidden = !fields.some((field) => blanks(field).length);
}

for (const field of fields) {
  field.addEventListener("focus", () => (current = field));
  field.addEventListener("pointerdown", () => (before = `${selected(field)}`));
  field.addEventListener("click", () => tapped(field));
}
Object.assign(button, { type: "button", className: "govuk-button govuk-button--secondary", textContent: "Next blank" });
button.addEventListener("click", next);
form.addEventListener("input", show);
form.addEventListener("change", show);
show();
fields[1].closest(".govuk-form-group").after(button);
