// Print this page, or pass its address on: where there is script, both are a press away.
const list = document.getElementById("share");

function offer(words, act) {
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: words });
  button.className = "govuk-button govuk-button--secondary site-small";
  button.addEventListener("click", () => act(button));
  list.append(Object.assign(document.createElement("li"), {}));
  list.lastElementChild.append(button);
}

async function share(button) {
  const page = { title: document.title, url: location.href };
  if (navigator.share) return navigator.share(page).catch(() => {});
  await navigator.clipboard.writeText(page.url);
  button.textContent = "The address is copied";
}

offer("Share this page", share);
offer("Print this page", () => print());
