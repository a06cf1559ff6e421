// Starts the GOV.UK components, and again in what htmx puts into the page.
const { initAll } = await import(document.getElementById("site").dataset.govuk);

function start(scope) {
  document.body.classList.add("js-enabled", "govuk-frontend-supported");
  initAll({ scope });
}

// Whom to call first is in sight, however far down the box is that it stands under.
function warn(looked) {
  start(looked); // the way off the page in it
  looked.querySelector(".site-calls")?.scrollIntoView({ block: "nearest" });
}

start(document);

// What is looked at while it is typed is that box alone: not an address, nor a photo on a slow line.
document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  const { body } = ctx.request;
  if (!body?.has?.("box")) return; // of a GET there is none
  const wanted = ["csrf_token", "box", body.get("box")];
  for (const name of [...body.keys()]) if (!wanted.includes(name)) body.delete(name);
});

document.addEventListener("htmx:after:swap", (event) => {
  const target = event.detail?.ctx?.target;
  if (target === document.body || target === "body") start(document); // the whole page is new
  if (target?.id?.startsWith?.("looked-")) warn(document.getElementById(target.id));
  if (target?.id !== "step") return;
  const step = document.getElementById("step");
  start(step);
  // Whoever cannot see the page is told where they are now; an alert takes the focus by itself.
  const heading = step.querySelector("h1");
  if (heading && !step.querySelector("[role=alert]")) {
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
  }
});
