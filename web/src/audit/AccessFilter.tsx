import { useId, useState } from "react";
import { ask } from "../api/client";
import { failureOf } from "../api/failure";
import { useAnswer } from "../api/query";
import { FormContext } from "../forms/context";
import { Input, Select } from "../forms/fields";
import type { RefusalPart } from "../forms/refusal";
import { AuditCasesDocument, StaffListDocument } from "../gql/graphql";
import { Link } from "../router/Link";
import { navigate, useSearch, withSearch } from "../router/router";
import { useText } from "../text/useText";
import { failureText } from "../ui/Answered";
import { personalText } from "../ui/Personal";

/** By person, and by case: the number is looked up, because the log knows cases by their id. */
export function AccessFilter() {
  const { t } = useText();
  const id = useId();
  const search = useSearch();
  const staff = useAnswer("staff", StaffListDocument, {});
  const [number, setNumber] = useState(search.get("nr") ?? "");
  const [refusals, setRefusals] = useState<RefusalPart[]>([]);
  const refuse = (message: string) => setRefusals([{ code: "NO_SUCH_CASE", message, statute: null, path: "number" }]);

  async function apply(): Promise<void> {
    setRefusals([]);
    const wanted = number.trim();
    if (!wanted) return navigate(withSearch(search, { nr: "", sag: "", efter: "" }));
    try {
      const { auditCases } = await ask(AuditCasesDocument, { number: wanted, first: 10, after: null });
      const found = auditCases.edges.find(({ node }) => node.number.toLowerCase() === wanted.toLowerCase());
      if (found) navigate(withSearch(search, { nr: found.node.number, sag: found.node.id, efter: "" }));
      else refuse(t.access.noSuchCase);
    } catch (thrown) {
      refuse(failureText(failureOf(thrown), t));
    }
  }

  return (
    <FormContext value={{ id, refusals }}>
      <form
        role="search"
        className="filter"
        aria-label={t.access.filter}
        onSubmit={(event) => {
          event.preventDefault();
          void apply();
        }}
      >
        <Input name="number" label={t.access.number} value={number} onChange={setNumber} />
        <Select
          name="staff"
          label={t.access.staff}
          value={search.get("medarbejder") ?? ""}
          onChange={(medarbejder) => navigate(withSearch(search, { medarbejder, efter: "" }))}
        >
          <option value="">{t.access.anyone}</option>
          {staff.data?.staff.map((one) => (
            <option key={one.id} value={one.id}>
              {personalText(one.name, t.app.erased)} ({one.login})
            </option>
          ))}
        </Select>
        <div className="filter-buttons">
          <button type="submit" className="button button-secondary">
            {t.access.apply}
          </button>
          {(search.has("sag") || search.has("medarbejder")) && (
            <Link to="/revision/adgang" onClick={() => setNumber("")}>
              {t.access.clear}
            </Link>
          )}
        </div>
      </form>
    </FormContext>
  );
}
