// Leaves nothing of the door's page, or of what was typed about a concern, on this device to whoever comes next: when an
// officer signs out, and when another has signed in. What was not sent of somebody else's stays theirs, unseen.
const form = document.getElementById("out");
const { officer } = form.dataset;
const unsent = () => Object.keys(localStorage).filter((name) => name.startsWith(`door-${officer}-`));
const PATIENCE = 2000; // milliseconds that signing out waits for it

// What typed.js keeps for a tab; those beside this one are told, and forget theirs.
function forgetTyped(ours = "") {
  for (const name of Object.keys(sessionStorage)) {
    if (name.startsWith("typed-") && !(ours && name.startsWith(ours))) sessionStorage.removeItem(name);
  }
}

async function forget() {
  localStorage.removeItem("door");
  for (const name of (await globalThis.caches?.keys()) ?? []) if (name.startsWith("door-")) await caches.delete(name);
  for (const each of (await navigator.serviceWorker?.getRegistrations()) ?? []) {
    if (each.scope.endsWith("/officers/door")) await each.unregister();
  }
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (!navigator.onLine) return alert("You cannot be signed out without a signal. Lock this device instead.");
  const count = unsent().length;
  const them = count === 1 ? "1 form from a door is" : `${count} forms from doors are`;
  if (count && !confirm(`${them} not sent yet. Sign out and lose ${count === 1 ? "it" : "them"}?`)) return;
  for (const name of unsent()) localStorage.removeItem(name);
  forgetTyped();
  localStorage.setItem("signed-out", `${Date.now()}`);
  localStorage.removeItem("signed-out");
  await Promise.race([forget(), new Promise((resolve) => setTimeout(resolve, PATIENCE))]);
  form.submit();
});

window.addEventListener("storage", ({ key }) => key === "signed-out" && forgetTyped());
forgetTyped(`typed-${officer}-`);

// The page itself, as it came for this officer, has taken the place of the one before.
if (!document.getElementById("door") && (localStorage.getItem("door") ?? officer) !== officer) forget();
