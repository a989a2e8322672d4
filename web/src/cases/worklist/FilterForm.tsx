import { useId, useState } from "react";
import { FormContext } from "../../forms/context";
import { Input, Select } from "../../forms/fields";
import { Link } from "../../router/Link";
import { navigate, useSearch, withSearch } from "../../router/router";
import { useText } from "../../text/useText";
import { ORDERS, PHASES, type View, isFiltered } from "./view";

/** Filter and order; both live in the address, so a view can be kept as a bookmark. */
export function FilterForm({ view }: { view: View }) {
  const { t } = useText();
  const search = useSearch();
  const id = useId();
  const [number, setNumber] = useState(view.number);
  const go = (changes: Record<string, string>) => navigate(withSearch(search, { ...changes, efter: "" }));
  return (
    <FormContext value={{ id, refusals: [] }}>
      <form
        role="search"
        aria-label={t.worklist.filter}
        className="filter"
        onSubmit={(event) => {
          event.preventDefault();
          go({ nr: number.trim() });
        }}
      >
        <Input name="number" label={t.worklist.number} value={number} onChange={setNumber} />
        <Select name="phase" label={t.worklist.phase} value={view.phase ?? ""} onChange={(tilstand) => go({ tilstand, nr: number.trim() })}>
          <option value="">{t.worklist.anyPhase}</option>
          {PHASES.map((phase) => (
            <option key={phase} value={phase}>
              {t.phases[phase]}
            </option>
          ))}
        </Select>
        <Select name="order" label={t.worklist.order} value={view.order} onChange={(sortering) => go({ sortering, nr: number.trim() })}>
          {ORDERS.map((order) => (
            <option key={order} value={order}>
              {t.worklist.orders[order]}
            </option>
          ))}
        </Select>
        <div className="filter-buttons">
          <button type="submit" className="button button-secondary">
            {t.worklist.apply}
          </button>
          {isFiltered(view) && (
            <Link to={withSearch(search, { kun: "", nr: "", tilstand: "", efter: "" })} onClick={() => setNumber("")}>
              {t.worklist.clear}
            </Link>
          )}
        </div>
      </form>
    </FormContext>
  );
}
