// Exits: the condition on the record's fields that ends the sequence, in the
// panel of the sequence. The switches beside it are plain fields of the panel.
import { createRows } from "./rows.js";

export function createExits({ data, state }) {
  const rows = createRows({
    data,
    edit: (_, run, tag = "") => state.change(tag && `exit.${tag}`, (def) => {
      const held = { when: def.options.exit_when };
      run(held);
      def.options.exit_when = held.when;
    }),
  });

  // prepare shows the rows, or the way to the first one.
  function prepare(form) {
    const box = form.querySelector("[data-exit-when]");
    if (!box) return;
    const when = state.def.options.exit_when;
    const list = box.querySelector("[data-exit-rows]");
    box.querySelector("[data-exit-add]").hidden = Boolean(when) || !data.mayEdit;
    box.querySelector("[data-exit-remove]").hidden = !when || !data.mayEdit;
    if (when) return rows.draw(list, { id: "", when });
    list.replaceChildren();
  }

  // listen has the two buttons add and remove the condition.
  function listen(form) {
    form.addEventListener("click", (event) => {
      if (event.target.closest("[data-exit-add]")) {
        state.change("", (def) => { def.options.exit_when = { field: "", op: "=" }; });
        form.querySelector("[data-exit-rows] select")?.focus();
      }
      if (event.target.closest("[data-exit-remove]")) {
        state.change("", (def) => { delete def.options.exit_when; });
        form.querySelector("[data-exit-add]")?.focus();
      }
    });
  }

  return { prepare, listen, forget: rows.forget };
}
