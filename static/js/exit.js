// “Exit this page” leaves nothing behind: what was typed is gone, one Back leads to what was before this page, and no
// earlier page of this tab shows again what was typed there. It runs before anything is drawn; GOV.UK’s own script
// covers the page and counts the presses of Shift.
const MARK = "has left";
const page = document.documentElement.classList;
const { home } = document.currentScript.dataset;

function hasLeft() {
  try {
    return sessionStorage.getItem(MARK) !== null;
  } catch {
    return false; // it may keep nothing
  }
}

function goHome() {
  page.add("site-left");
  location.replace(home);
}

// A page of this tab that comes back, from the browser's memory or by its history.
const [opened] = performance.getEntriesByType("navigation");
if (hasLeft() && ["back_forward", "reload"].includes(opened?.type)) goHome();
addEventListener("pagehide", () => page.add("site-left")); // or it would be seen for a moment when it comes back
addEventListener("pageshow", ({ persisted }) => {
  if (persisted && hasLeft()) goHome();
  else if (persisted) page.remove("site-left");
});

// After GOV.UK's script, which opens the other page as one more; the last to say where to go is followed.
function leave(event) {
  const pressed = event.target.closest?.(".govuk-exit-this-page__button");
  const covered = document.querySelector(".govuk-exit-this-page-overlay");
  if (event.type === "click" ? !pressed : !covered) return;
  event.preventDefault();
  const exit = pressed ?? document.querySelector(".govuk-exit-this-page__button");
  try {
    sessionStorage.setItem(MARK, "");
  } catch {
    // Then only this page is taken out of the history.
  }
  document.querySelector("main").replaceChildren();
  if (exit) location.replace(exit.href);
}
document.addEventListener("click", leave);
document.addEventListener("keyup", leave);
