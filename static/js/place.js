// Where somebody is, if they press the button: it goes into the form, and nowhere else before that is sent.
const box = document.getElementById("here");
const [latitude, longitude] = [box.dataset.latitude, box.dataset.longitude].map((id) => document.getElementById(id));
const button = document.createElement("button");
const said = document.createElement("p");

function show(words) {
  said.textContent = words;
  button.textContent = latitude.value ? "Take my place out again" : "Use where I am now";
}

function found({ coords }) {
  latitude.value = coords.latitude.toFixed(5);
  longitude.value = coords.longitude.toFixed(5);
  show(`Your place is in the form, to about ${Math.max(10, Math.round(coords.accuracy))} metres.`);
}

function pressed() {
  if (latitude.value) {
    latitude.value = longitude.value = "";
    show("Your place is not in the form.");
  } else {
    show("Looking for your place…");
    navigator.geolocation.getCurrentPosition(found, () => show("Your phone does not tell. Write where it is instead."));
  }
}

Object.assign(button, { type: "button", className: "govuk-button govuk-button--secondary" });
said.className = "govuk-body";
said.role = "status";
button.addEventListener("click", pressed);
if ("geolocation" in navigator) box.append(button, said);
show(latitude.value ? "Your place is in the form." : "");
