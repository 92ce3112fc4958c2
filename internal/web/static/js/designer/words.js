// Words: durations, and a step's card in words. The server says the same
// (stepWords in designer.go) when it draws the flow itself.

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

// stepWords gives a step's title and the line below it.
export function stepWords(step, kinds, templates, waits) {
  const kind = kinds.find((k) => k.type === step.type);
  if (!kind) return { title: step.type, sub: "Unknown step type" };
  let title = kind.label;
  const parts = [kind.label];
  for (const f of kind.fields) {
    let value = step[f.key];
    if (!value) {
      if (f.required || f.type === "template") parts.push(`no ${f.label.toLowerCase()}`);
      continue;
    }
    if (f.type === "duration") {
      value = describe(value);
      title = `${kind.label} ${value}`;
    } else if (f.type === "template") {
      value = templates.find((t) => t.key === value)?.name ?? value;
    } else if (f.type === "sequence") {
      title = `Advance to ${value}`;
    }
    parts.push(value);
  }
  const line = parts.join(" · ");
  if (step.name && step.name !== title) return { title: step.name, sub: line };
  if (kind.takesTime) return { title, sub: waits === "working_time" ? "Working time" : "Clock time" };
  return { title, sub: kind.last ? "Ends this sequence" : line };
}
