// Words: durations, and a step's card in words. The server says the same
// (stepWords in flowwords.go) when it draws the flow itself.
import { find } from "./tree.js";

const units = [["d", "day", 1440], ["h", "hour", 60], ["m", "minute", 1]];

// minutes reads "2d4h" as a count of minutes; null when it is no duration.
export function minutes(text) {
  const m = /^(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?$/.exec((text ?? "").trim());
  if (!m || !text) return null;
  return units.reduce((sum, [, , size], i) => sum + Number(m[i + 1] ?? 0) * size, 0);
}

// split gives the days, hours and minutes of a count of minutes.
export function split(total) {
  return units.map(([, , size]) => {
    const n = Math.floor(total / size);
    total -= n * size;
    return n;
  });
}

// duration writes a count of minutes as "2d4h".
export function duration(total) {
  const parts = split(total).map((n, i) => (n ? `${n}${units[i][0]}` : ""));
  return parts.join("") || "0m";
}

// describe says a duration for people: "2 days 4 hours".
export function describe(text) {
  const total = minutes(text);
  if (total === null) return text;
  const parts = split(total).map((n, i) => (n ? `${n} ${units[i][1]}${n === 1 ? "" : "s"}` : ""));
  return parts.filter(Boolean).join(" ") || "0 minutes";
}

export const plural = (n, one, many) => `${n} ${n === 1 ? one : many}`;

// A card's words. The phrases come from the server (designer.data), which says
// the same in flowwords.go.

const shorten = (text, most) => ([...text].length <= most ? text : `${[...text].slice(0, most).join("")}…`);
const sentence = (text) => text.slice(0, 1).toUpperCase() + text.slice(1);

// stepWords gives a step's title and the line below it.
export function stepWords(step, data, def) {
  const kind = data.kinds.find((k) => k.type === step.type);
  if (!kind) return { title: step.type, sub: "Unknown step type" };
  if (kind.branches) return conditionWords(step, data, def);
  let title = kind.label;
  const parts = [kind.label];
  for (const f of kind.fields) {
    let value = step[f.key];
    if (f.type === "duration" && !f.required) continue;
    if (["text", "percent", "choice", "truth", "moment"].includes(f.type)) continue; // a card has no room for it
    if (f.type === "value") continue; // its field says it
    if (!value) {
      if (f.required || f.type.endsWith("template")) parts.push(`no ${f.label.toLowerCase()}`);
      continue;
    }
    if (f.type === "duration") {
      value = describe(value);
      title = `${kind.label} ${value}`;
    } else if (f.type.endsWith("template")) {
      value = data.templates.find((t) => t.key === value)?.name ?? value;
    } else if (f.type === "sequence") {
      title = `Advance to ${value}`;
    } else if (f.type === "field") {
      value = title = updateWords(value, step.value ?? "", data);
    }
    parts.push(value);
  }
  const line = parts.join(" · ");
  if (step.name && step.name !== title) return { title: step.name, sub: line };
  if (kind.takesTime) return { title, sub: def.options.waits === "working_time" ? "Working time" : "Clock time" };
  if (kind.last) return { title, sub: "Ends this sequence" };
  return { title, sub: step.type === "update_field" && title !== kind.label ? kind.label : line };
}

function updateWords(key, value, data) {
  const field = data.fields.find((f) => f.key === key) ?? { label: key };
  if (field.type === "bool") return `Set ${field.label} to ${String(value) === "true" ? "yes" : "no"}`;
  return value ? `Set ${field.label} to ${shorten(value, data.longQuestion)}` : `Clear ${field.label}`;
}

function conditionWords(step, data, def) {
  const when = step.when ?? {};
  let [title, sub] = ["Condition", "asks nothing yet"];
  if ("email" in when) [title, sub] = emailWords(when, data, def);
  else if ("call" in when) [title, sub] = callWords(when, data, def);
  else if ("meeting" in when) [title, sub] = meetingWords(when, data);
  else if (Object.keys(when).length) [title, sub] = fieldWords(when, data);
  if (step.name && step.name !== title) return { title: step.name, sub: `${title} · ${sub}` };
  return { title, sub: sentence(sub) };
}

// titleOf gives the title of the step with an id, "" when there is none.
function titleOf(id, data, def) {
  const step = find(def, id);
  if (!step) return "";
  // The question of a condition could be about itself.
  if (step.when) return step.name || data.kinds.find((k) => k.type === step.type).label;
  return stepWords(step, data, def).title;
}

function emailWords(when, data, def) {
  const name = titleOf(when.email, data, def);
  let limit = "no time limit";
  if (when.within) limit = `within ${describe(when.within)}, ${when.at_once ? "at once" : "decided at the end"}`;
  if (!name) limit = `no email chosen · ${limit}`;
  const results = when.results ?? [];
  const known = results.map((key) => data.results.find((r) => r.key === key) ?? { label: key });
  if (results.length === 1 && name && known[0].question) return [known[0].question.replace("…", () => name), limit];
  if (name) limit = `“${name}” · ${limit}`;
  if (!results.length) return ["Email result?", `no result chosen · ${limit}`];
  const text = known.map((r) => r.label).join(when.match === "all" ? " and " : " or ");
  return [`${text.slice(0, 1)}${text.slice(1).toLowerCase()}?`, limit];
}

function callWords(when, data, def) {
  const name = titleOf(when.call, data, def);
  const sub = name ? `“${name}”` : "no phone call chosen";
  const outcomes = when.outcomes ?? [];
  if (!outcomes.length) return ["Call outcome?", `no outcome chosen · ${sub}`];
  if (outcomes.length === 1 && outcomes[0] === "connected") return ["Call connected?", sub];
  return [`Call ended with ${endings(outcomes, data.outcomes)}?`, sub];
}

function meetingWords(when, data) {
  const outcomes = when.outcomes ?? [];
  if (!outcomes.length) return ["Meeting outcome?", "no outcome chosen · the latest meeting"];
  return [`Meeting ended with ${endings(outcomes, data.meetingOutcomes)}?`, "the latest meeting"];
}

const endings = (keys, known) => keys.map((key) => (known.find((o) => o.key === key)?.label ?? key).toLowerCase()).join(" or ");

function fieldWords(when, data) {
  if (!when.all && !when.any && !when.field) return ["Field value?", "no field chosen"];
  const text = questionWords(when, data);
  if ([...text].length > data.longQuestion) return ["Fields match?", text];
  return [`${sentence(text)}${text.endsWith(" ") ? "…" : ""}?`, `field of the ${data.record}`];
}

// questionWords says a field condition: "Stage is propose and Country is one of DE, AT".
function questionWords(when, data) {
  const list = when.all ?? when.any;
  if (list) {
    const parts = list.map((inner) => {
      const text = questionWords(inner, data);
      return (inner.all || inner.any) && list.length > 1 ? `(${text})` : text;
    });
    return parts.join(when.all ? " and " : " or ");
  }
  const field = data.fields.find((f) => f.key === when.field);
  const label = field?.label ?? when.field ?? "";
  const values = [when.value ?? []].flat().filter((v) => v !== "");
  if (field?.type === "bool") return `${label} is ${(String(values[0]) === "true") === (when.op === "=") ? "on" : "off"}`;
  const op = Object.values(data.ops).flat().find((o) => o.key === when.op) ?? { label: when.op, value: true };
  return op.value ? `${label} ${op.label} ${values.join(", ")}` : `${label} ${op.label}`;
}
