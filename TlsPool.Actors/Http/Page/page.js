import { draw } from "./charts.js";

const pause = 2000, span = 5 * 60 * 1000, patience = 10000, part = 50;
const find = id => document.getElementById(id);
const count = new Intl.NumberFormat("en");
const past = { sessions: [], handshakes: [], bytes: [] };
let last = null, answered = 0, after = null, list = "sessions", seen = "";

class Refusal extends Error {
  constructor(status, detail) { super(detail); this.status = status; }
}

async function ask(path, query = {}) {
  const address = new URL(path, location.origin);
  for (const [name, value] of Object.entries(query)) if (value) address.searchParams.set(name, value);
  const answer = await fetch(address, { signal: AbortSignal.timeout(patience) });
  const body = await answer.json();
  if (!answer.ok) throw new Refusal(answer.status, body.detail);
  return body;
}

function bytes(number) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let unit = 0;
  while (number >= 1000 && unit < units.length - 1) { number /= 1000; unit++; }
  return `${number < 10 && unit > 0 ? number.toFixed(1) : Math.round(number)} ${units[unit]}`;
}

function duration(seconds) {
  if (seconds < 120) return `${Math.max(0, Math.round(seconds))} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86400)} days`;
}

// Everything that comes from the node is set as text, never as markup.
function make(name, text, kind) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (kind) made.className = kind;
  return made;
}

function showNodes(overview) {
  find("nodes").replaceChildren(...overview.items.map(node => {
    const card = make("article"), facts = make("dl");
    const tokens = `${node.tokens.ready} of ${node.tokens.all} ready`;
    const lines = [
      ["Sessions", `${count.format(node.sessions.all)}${node.sessions.settingUp ? `, ${count.format(node.sessions.settingUp)} setting up` : ""}`],
      ["Detached", count.format(node.sessions.detached)],
      ["Handshakes", count.format(node.handshakes.done)],
      ["Resumed", count.format(node.handshakes.resumed)],
      ["Failed handshakes", count.format(node.handshakes.failed)],
      ["Received", bytes(node.bytes.received)],
      ["Sent", bytes(node.bytes.sent)],
      ["Tokens", tokens, node.tokens.ready < node.tokens.all ? "bad" : "good"],
      ["PINs wanted", count.format(node.pinRequests), node.pinRequests ? "warn" : ""],
      ["Expiring in 30 days", `${node.expiringIdentities} of ${node.identities}`, node.expiringIdentities ? "warn" : ""],
      ["Nodes reached", `${node.nodes.active} of ${node.nodes.all}`, node.nodes.active < node.nodes.all ? "bad" : ""],
      ["Memory", bytes(node.memory)],
      ["Runs for", duration((new Date(node.time) - new Date(node.started)) / 1000)],
    ];
    for (const [name, value, kind] of lines) {
      const fact = make("div");
      fact.append(make("dt", name), make("dd", value, kind));
      facts.append(fact);
    }
    card.append(make("h3", node.node));
    if (node.isDraining) card.append(make("p", "draining: takes no new sessions", "bad"));
    card.append(facts);
    return card;
  }), ...overview.silent.map(name => {
    const card = make("article");
    card.append(make("h3", name), make("p", "does not answer", "bad"));
    return card;
  }));
}

function remember(name, time, value) {
  const points = past[name];
  points.push([time, value]);
  while (points.length && points[0][0] < time - span) points.shift();
}

function showCharts(overview) {
  const now = Date.now();
  const sum = pick => overview.items.reduce((total, node) => total + pick(node), 0);
  const current = { time: now, handshakes: sum(node => node.handshakes.done + node.handshakes.failed), bytes: sum(node => node.bytes.received + node.bytes.sent) };
  // A node that comes, goes or starts again would look like a jump.
  const nodes = overview.items.map(node => `${node.node} ${node.started}`).sort().join("\n");
  remember("sessions", now, sum(node => node.sessions.all));
  if (last && nodes === seen) {
    const seconds = (now - last.time) / 1000;
    remember("handshakes", now, Math.max(0, current.handshakes - last.handshakes) / seconds);
    remember("bytes", now, Math.max(0, current.bytes - last.bytes) / seconds);
  }
  [last, seen] = [current, nodes];
  for (const [name, text] of [["sessions", count.format], ["handshakes", value => value.toFixed(value < 10 ? 1 : 0)], ["bytes", value => `${bytes(value)}/s`]]) {
    const points = past[name], value = points.length ? text(points.at(-1)[1]) : "–";
    const most = points.length ? text(Math.max(...points.map(point => point[1]))) : "–";
    find(`${name}-now`).textContent = value;
    draw(find(`${name}-chart`), points, span, now, `${value} now, ${most} at most in five minutes`);
  }
}

const lists = {
  sessions: {
    path: "/api/v1/session/list",
    columns: [
      ["Number", item => item.number, "number"], ["Node", item => item.node], ["State", item => item.state + (item.isDetached ? ", detached" : "")], ["Role", item => item.role],
      ["Local", item => item.localId || "–"], ["Remote", item => item.remoteId || item.peer || "–"], ["TLS", item => item.version ? `${item.version}${item.isResumed ? ", resumed" : ""}` : "–"],
      ["Age", item => duration((Date.now() - new Date(item.started)) / 1000), "number"], ["Received", item => bytes(item.received), "number"], ["Sent", item => bytes(item.sent), "number"],
    ],
  },
  tokens: {
    path: "/api/v1/token/list",
    columns: [
      ["Token", item => item.token], ["Node", item => item.node], ["State", item => item.state], ["Signatures", item => count.format(item.signatures), "number"],
      ["Waiting", item => count.format(item.waiting), "number"], ["Reason", item => item.reason || "–"],
    ],
  },
  identities: {
    path: "/api/v1/identity/list",
    columns: [
      ["Identity", item => item.identity], ["Role", item => item.roles], ["Expires", item => new Date(item.notAfter).toISOString().slice(0, 10)],
      ["In", item => new Date(item.notAfter) > Date.now() ? duration((new Date(item.notAfter) - Date.now()) / 1000) : "expired"], ["Key", item => item.key],
    ],
  },
  entries: {
    path: "/api/v1/entry/list",
    columns: [["Kind", item => item.kind], ["Name", item => item.name], ["Node", item => item.node], ["State", item => item.state], ["Detail", item => item.detail || "–"]],
  },
};

function queryOf(name) {
  if (name === "identities") return { sort: "expiry", limit: 200 };
  if (name !== "sessions") return { limit: 200 };
  return { ...Object.fromEntries(new FormData(find("filter"))), limit: part, after };
}

function showList(name, page) {
  const { columns } = lists[name], table = make("table"), head = make("tr"), body = make("tbody");
  table.append(make("caption", page.items.length < page.total ? `${count.format(page.items.length)} of ${count.format(page.total)}` : `${count.format(page.total)} in all`));
  for (const [label, , kind] of columns) {
    const cell = make("th", label, kind);
    cell.scope = "col";
    head.append(cell);
  }
  table.append(make("thead"), body);
  table.tHead.append(head);
  page.items.forEach((item, row) => {
    const line = make("tr");
    line.tabIndex = row === 0 ? 0 : -1;
    for (const [label, text, kind] of columns) {
      const cell = make("td", text(item), kind);
      cell.dataset.label = label;
      line.append(cell);
    }
    body.append(line);
  });
  // Rows that are laid out as cards are rows all the same to those who hear them.
  for (const [kind, role] of [["table", "table"], ["thead, tbody", "rowgroup"], ["tr", "row"], ["th", "columnheader"], ["td", "cell"]])
    for (const one of kind === "table" ? [table] : table.querySelectorAll(kind)) one.setAttribute("role", role);
  // Who is reading a row stays on it when the list is fetched again.
  const place = find(name), focused = [...place.querySelectorAll("tbody tr")].indexOf(document.activeElement);
  place.replaceChildren(table);
  if (focused >= 0) focusRow(place, focused);
  if (name !== "sessions") return;
  find("next").disabled = !page.next;
  find("next").dataset.after = page.next ?? "";
  find("first").disabled = !after;
}

function focusRow(place, row) {
  const lines = [...place.querySelectorAll("tbody tr")];
  const line = lines[Math.min(Math.max(row, 0), lines.length - 1)];
  for (const other of lines) other.tabIndex = other === line ? 0 : -1;
  line?.focus();
}

function showFreshness(failure) {
  const fresh = find("fresh");
  const old = answered && failure;
  const text = old ? `Old: the node has not answered since ${new Date(answered).toLocaleTimeString()} (${failure.message})`
    : failure ? `The node does not answer (${failure.message})` : "Live";
  // Only changes are read out.
  if (fresh.textContent !== text) fresh.textContent = text;
  fresh.className = failure ? "old" : "good";
}

function showRefusal(failure) {
  const notice = find("notice");
  notice.hidden = !(failure instanceof Refusal);
  if (!notice.hidden) notice.textContent = failure.message;
}

async function refreshList() {
  const name = list, page = await ask(lists[name].path, queryOf(name));
  if (name === list) showList(name, page);
}

async function refresh() {
  try {
    const self = await ask("/api/v1/self");
    find("who").textContent = `${self.node}: you are ${self.name || "nobody"}, role ${self.role}`;
    const overview = await ask("/api/v1/node/overview");
    answered = Date.now();
    showNodes(overview);
    showCharts(overview);
    await refreshList();
    showFreshness(null);
    showRefusal(null);
  } catch (failure) {
    showFreshness(failure);
    showRefusal(failure);
  }
}

function select(tab) {
  for (const other of document.querySelectorAll("[role=tab]")) {
    other.setAttribute("aria-selected", String(other === tab));
    other.tabIndex = other === tab ? 0 : -1;
    find(other.getAttribute("aria-controls")).hidden = other !== tab;
  }
  list = tab.id.slice("tab-".length);
  refreshNow();
}

function refreshNow() {
  refreshList().catch(failure => { showFreshness(failure); showRefusal(failure); });
}

function moved(keys, key, from, length) {
  return key === keys[0] ? (from + 1) % length : key === keys[1] ? (from + length - 1) % length : key === "Home" ? 0 : key === "End" ? length - 1 : -1;
}

document.querySelector("[role=tablist]").addEventListener("keydown", event => {
  const tabs = [...document.querySelectorAll("[role=tab]")];
  const to = moved(["ArrowRight", "ArrowLeft"], event.key, tabs.indexOf(document.activeElement), tabs.length);
  if (to < 0) return;
  event.preventDefault();
  tabs[to].focus();
  select(tabs[to]);
});
for (const tab of document.querySelectorAll("[role=tab]")) tab.addEventListener("click", () => select(tab));
for (const place of document.querySelectorAll(".list")) place.addEventListener("keydown", event => {
  const lines = [...place.querySelectorAll("tbody tr")], from = lines.indexOf(document.activeElement);
  const to = from < 0 ? -1 : moved(["ArrowDown", "ArrowUp"], event.key, from, lines.length);
  if (to < 0) return;
  event.preventDefault();
  focusRow(place, to);
});
find("filter").addEventListener("input", () => { after = null; refreshNow(); });
find("filter").addEventListener("submit", event => event.preventDefault());
find("next").addEventListener("click", event => { after = event.currentTarget.dataset.after; refreshNow(); });
find("first").addEventListener("click", () => { after = null; refreshNow(); });

(async () => {
  while (true) {
    await refresh();
    await new Promise(done => setTimeout(done, pause));
  }
})();
