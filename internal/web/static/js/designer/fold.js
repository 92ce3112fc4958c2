// Fold: which lanes are folded up, as "id/side". They stay so in this browser
// until they are unfolded, or their condition is gone.

export function createFolds(id) {
  const key = `cadenza-folded-${id}`;
  let lanes = new Set();
  try {
    lanes = new Set(JSON.parse(localStorage.getItem(key) ?? "[]"));
  } catch {
    // what is kept there is not ours, or nothing may be kept
  }

  function keep() {
    try {
      if (lanes.size) localStorage.setItem(key, JSON.stringify([...lanes]));
      else localStorage.removeItem(key);
    } catch {
      // they are folded until the page is left
    }
  }

  return {
    has: (lane) => lanes.has(lane),
    toggle(lane) {
      if (!lanes.delete(lane)) lanes.add(lane);
      keep();
    },
    // unfold opens lanes, and tells whether any was folded.
    unfold(list) {
      const opened = list.filter((lane) => lanes.delete(lane)).length > 0;
      if (opened) keep();
      return opened;
    },
  };
}
