// Shows the pages for the door without a signal. Keeps the first one and those of the surveys that it names, as they came
// last, and the static files of all, whose addresses change with their content; no other page, and nothing that was typed.
const CACHE = "door-2"; // another number where what is kept changes its form
const PAGE = "/officers/door";
const PATIENCE = 4000; // milliseconds in which a weak signal may bring a page, before the kept one is shown
const STATIC = /\/static\/[^"?\s]+\?v=[0-9a-f]+/g;
const SURVEYS = /\/officers\/door\/surveys\/\d+(?=")/g;

const isGood = (reply) => reply.ok && !reply.redirected; // else it was another page, such as the one for signing in
const named = async (reply, what) => [...new Set((await reply.clone().text()).match(what) ?? [])];

async function keep(address, reply) {
  if (!isGood(reply)) return;
  const cache = await caches.open(CACHE);
  for (const file of await named(reply, STATIC)) if (!(await cache.match(file))) await cache.add(file);
  if (address === PAGE) for (const survey of await named(reply, SURVEYS)) await keep(survey, await fetch(survey));
  await cache.put(address, reply);
  if (address === PAGE) await tidy(cache);
}

// What no page names any more goes.
async function tidy(cache) {
  const pages = [PAGE, ...(await named(await cache.match(PAGE), SURVEYS))];
  const kept = (await Promise.all(pages.map((each) => cache.match(each)))).filter(Boolean);
  const files = (await Promise.all(kept.map((each) => named(each, STATIC)))).flat();
  for (const { url } of await cache.keys()) {
    const { pathname, search } = new URL(url);
    if (!pages.includes(pathname) && !files.includes(pathname + search)) await cache.delete(url);
  }
}

async function page(event, address) {
  const fresh = fetch(event.request);
  const kept = await caches.match(address, { ignoreVary: true });
  event.waitUntil(fresh.then((reply) => keep(address, reply.clone())).catch(() => {})); // without a signal it stays
  if (!kept) return fresh;
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE, kept));
  return Promise.race([fresh.catch(() => kept), late]);
}

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(fetch(PAGE).then((reply) => keep(PAGE, reply)));
});

self.addEventListener("activate", (event) => {
  const others = async () => (await caches.keys()).filter((name) => name.startsWith("door-") && name !== CACHE);
  event.waitUntil(others().then((names) => Promise.all(names.map((name) => caches.delete(name)))));
});

self.addEventListener("fetch", (event) => {
  const { method, mode, url } = event.request;
  const { origin, pathname } = new URL(url);
  if (method !== "GET" || origin !== location.origin) return;
  if (mode === "navigate" && pathname.startsWith(PAGE)) event.respondWith(page(event, pathname));
  else if (pathname.startsWith("/static/")) {
    event.respondWith(caches.match(event.request, { ignoreVary: true }).then((kept) => kept ?? fetch(event.request)));
  }
});
