// Starts the GOV.UK components, and again in what htmx puts into the page.
const { initAll } = await import(document.getElementById("site").dataset.govuk);

function start(scope) {
  document.body.classList.add("js-enabled", "govuk-frontend-supported");
  initAll({ scope });
}

start(document);

document.addEventListener("htmx:after:swap", (event) => {
  const target = event.detail?.ctx?.target;
  if (target === document.body || target === "body") start(document); // the whole page is new
  if (target?.id === "looked") start(document.getElementById("looked")); // the way off the page in it
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
