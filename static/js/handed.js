// Forgets what an officer typed on the page before, once the server says that it saved what that page sent.
const { keep, saved, revision } = document.getElementById("handed").dataset;
const copy = JSON.parse(localStorage.getItem(keep) ?? "null");
const editor = copy?.fields.find(([name]) => name === "editor")?.[1];

if (copy && saved && editor === saved) {
  if (copy.handed) localStorage.removeItem(keep);
  else {
    // Typed after the button was pressed: it goes on from what was saved, not from what was there before.
    const fields = copy.fields.filter(([name]) => name !== "editor" && name !== "revision");
    localStorage.setItem(keep, JSON.stringify({ ...copy, fields: [...fields, ["revision", revision]] }));
  }
}
