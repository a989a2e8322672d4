import { useAnswer } from "../../api/query";
import { CountersDocument, type CountersQuery } from "../../gql/graphql";
import { Link } from "../../router/Link";
import type { Texts } from "../../text/da";
import { useText } from "../../text/useText";
import type { FilterName } from "./view";

type Counts = CountersQuery["counters"];
type Counter = readonly [key: keyof Counts, to: string, label: string, only?: FilterName];

/** The numbers on top, each a link to what it counts. */
export function Counters({ current }: { current: FilterName | undefined }) {
  const { t, format } = useText();
  const { data } = useAnswer("counters", CountersDocument, {}, { keep: true, fresh: true });
  return (
    <nav aria-label={t.worklist.counters}>
      <ul className="counters">
        {counters(t).map(([key, to, label, only]) => (
          <li key={key}>
            <Link to={to} className="counter" aria-current={only && only === current ? "page" : undefined}>
              <span className="counter-label">{label}</span>{" "}
              <strong className="counter-number">{data ? format.number(data.counters[key]) : "…"}</strong>
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function counters(t: Texts): Counter[] {
  return [
    ["overdue", "/sager?kun=overskredet", t.worklist.overdue, "overskredet"],
    ["dueToday", "/sager?kun=i-dag", t.worklist.today, "i-dag"],
    ["dueThisWeek", "/sager?kun=denne-uge", t.worklist.week, "denne-uge"],
    ["mine", "/sager?kun=mine", t.worklist.mine, "mine"],
    ["unassigned", "/sager?kun=ufordelte", t.worklist.unassigned, "ufordelte"],
    ["waiting", "/sager?kun=venter", t.worklist.waiting, "venter"],
    ["awaitingApproval", "/sager?kun=til-godkendelse", t.worklist.approval, "til-godkendelse"],
    ["openInquiries", "/sager/indbakke", t.worklist.inquiries],
  ];
}
