// What an officer has typed in one form of a concern's page comes back in its box after they have sent another form of
// it. It is kept for this tab alone, until it is sent; out.js forgets it when they sign out.
const { keep } = document.getElementById("typed").dataset;
const kept = JSON.parse(sessionStorage.getItem(keep) ?? "{}");
const boxes = [...document.querySelectorAll("main form textarea, main form input[type=text]")];

function put(left) {
  if (Object.keys(left).length) sessionStorage.setItem(keep, JSON.stringify(left));
  else sessionStorage.removeItem(keep);
}

function isTyped(box) {
  return box.value.trim() && (box.value !== box.defaultValue || box.localName === "textarea");
}

// What came with the page is newer than what is kept.
const back = boxes.filter((box) => box.name in kept && !isTyped(box));
for (const box of back) {
  box.value = kept[box.name];
  box.closest("details")?.setAttribute("open", "");
}
put(Object.fromEntries(back.map((box) => [box.name, box.value])));

document.addEventListener("submit", (event) => {
  if (event.target.id === "out") return;
  const others = boxes.filter((box) => box.form !== event.target && isTyped(box));
  put(Object.fromEntries(others.map((box) => [box.name, box.value])));
});
