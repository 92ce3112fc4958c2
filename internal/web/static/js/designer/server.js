// Server: saving, and the live check for problems. The server's answer is the
// truth; this side never decides whether a sequence is in order.

async function post(path, body, signal) {
  const response = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify(body),
    signal,
  });
  const answer = await response.json().catch(unreadable);
  return { ok: response.ok, status: response.status, answer };
}

// unreadable takes an answer that is no JSON for an empty one. An answer that
// broke off, because it was given up or the line was cut, is no answer.
function unreadable(error) {
  if (error instanceof SyntaxError) return {};
  throw error;
}

// createProblems keeps what is wrong, by step. changed is called after each check.
export function createProblems(first) {
  let all = first;
  return {
    get all() { return all; },
    set(list) { all = list; },
    // of gives the problems of a step, or with "" those of the sequence.
    of: (id) => all.filter((p) => p.step === id),
  };
}

// createChecker asks for problems once changes pause for a moment.
export function createChecker({ data, state, problems, onChecked }) {
  let timer = 0;
  let running = null;

  async function check() {
    running?.abort();
    running = new AbortController();
    try {
      const { ok, answer } = await post(`${data.path}/check`, state.def, running.signal);
      if (!ok || !answer.problems) return onChecked(false);
      problems.set(answer.problems);
      onChecked(true);
    } catch (error) {
      if (error.name !== "AbortError") onChecked(false);
    }
  }

  return {
    soon() {
      clearTimeout(timer);
      timer = setTimeout(check, 300);
    },
  };
}

// createSaver saves the draft. outcome is called with "saving", "saved",
// "stale", "refused" or "failed", and the server's answer.
export function createSaver({ data, state, outcome }) {
  let saving = null;

  async function send() {
    const text = JSON.stringify(state.def);
    outcome("saving");
    let result;
    try {
      result = await post(`${data.path}/draft`, { rev: data.rev, sequence: JSON.parse(text) });
    } catch {
      outcome("failed", { message: "The server does not answer, so nothing was saved.", hint: "Check the connection and save again." });
      return false;
    }
    const { ok, status, answer } = result;
    if (ok && answer.rev) {
      data.rev = answer.rev;
      state.markSaved(text);
      outcome("saved", answer);
      return true;
    }
    if (answer.code === "stale") outcome("stale", answer);
    else if (status === 422 && answer.problems) outcome("refused", answer);
    else outcome("failed", { message: answer.message ?? "Something went wrong, so nothing was saved.", hint: answer.hint ?? "Try again." });
    return false;
  }

  // save gives whether all is saved. A second call while one runs waits for it.
  return async function save() {
    if (saving) await saving;
    if (!state.dirty) return true;
    saving = send();
    try {
      return await saving;
    } finally {
      saving = null;
    }
  };
}
