// Leaves nothing of the door's page on this device to whoever comes next: when an officer signs out, and when another
// has signed in. What was not sent of somebody else's stays theirs, unseen.
const form = document.getElementById("out");
const { officer } = form.dataset;
const unsent = () => Object.keys(localStorage).filter((name) => name.startsWith(`door-${officer}-`));
const PATIENCE = 2000; // milliseconds that signing out waits for it

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
  await Promise.race([forget(), new Promise((resolve) => setTimeout(resolve, PATIENCE))]);
  form.submit();
});

// The page itself, as it came for this officer, has taken the place of the one before.
if (!document.getElementById("door") && (localStorage.getItem("door") ?? officer) !== officer) forget();
