// Shows the page for the door without a signal. Keeps that page as it came last, and the static files that it names,
// whose addresses change with their content; no other page, and nothing that was typed.
const CACHE = "door-1"; // another number where what is kept changes its form
const PAGE = "/officers/door";
const PATIENCE = 4000; // milliseconds in which a weak signal may bring the page, before the kept one is shown
const STATIC = /\/static\/[^"?\s]+\?v=[0-9a-f]+/g;

async function keep(reply) {
  if (!reply.ok || reply.redirected) return; // it was another page, such as the one for signing in
  const cache = await caches.open(CACHE);
  const files = (await reply.clone().text()).match(STATIC) ?? [];
  for (const file of new Set(files)) if (!(await cache.match(file))) await cache.add(file);
  await cache.put(PAGE, reply);
  for (const { url } of await cache.keys()) {
    const { pathname, search } = new URL(url);
    if (pathname !== PAGE && !files.includes(pathname + search)) await cache.delete(url);
  }
}

async function page(event) {
  const fresh = fetch(event.request);
  const kept = await caches.match(PAGE, { ignoreVary: true });
  event.waitUntil(fresh.then((reply) => keep(reply.clone())).catch(() => {})); // without a signal it stays as it is
  if (!kept) return fresh;
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE, kept));
  return Promise.race([fresh.catch(() => kept), late]);
}

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(fetch(PAGE).then(keep));
});

self.addEventListener("activate", (event) => {
  const others = async () => (await caches.keys()).filter((name) => name.startsWith("door-") && name !== CACHE);
  event.waitUntil(others().then((names) => Promise.all(names.map((name) => caches.delete(name)))));
});

self.addEventListener("fetch", (event) => {
  const { method, mode, url } = event.request;
  const { origin, pathname } = new URL(url);
  if (method !== "GET" || origin !== location.origin) return;
  if (mode === "navigate" && pathname === PAGE) event.respondWith(page(event));
  else if (pathname.startsWith("/static/")) {
    event.respondWith(caches.match(event.request, { ignoreVary: true }).then((kept) => kept ?? fetch(event.request)));
  }
});
