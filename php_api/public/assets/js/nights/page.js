// Pages with a part that keeps itself up to date.
import { INTERVAL_MS, LivePart } from "./live.js";

async function ask(address) {
  const response = await fetch(address, { headers: { Accept: "text/html" } });
  if (!response.ok) throw new Error(`The site answered ${response.status}`);
  return response.redirected ? null : response.text();
}

const part = new LivePart(document, ask, (html) => new DOMParser().parseFromString(html, "text/html"));

async function keepUpToDate() {
  const pause = await part.refresh(location.href);
  if (pause !== null) setTimeout(keepUpToDate, pause);
}

document.documentElement.classList.add("js");
setTimeout(keepUpToDate, INTERVAL_MS);
