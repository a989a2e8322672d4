import { useText } from "../text/useText";

/** "2 dage tilbage", and the date; never by colour alone. */
export function DueBadge({ due, daysLeft }: { due: string | null; daysLeft: number | null }) {
  const { t, format } = useText();
  if (!due) return <span className="quiet">{t.deadline.none}</span>;
  const left = daysLeft ?? 0;
  const kind = left < 0 ? "badge-error" : left <= 2 ? "badge-warning" : "badge-plain";
  return (
    <span className="due">
      {daysLeft !== null && <span className={`badge badge-small ${kind}`}>{t.deadline.left(left)}</span>}{" "}
      <time dateTime={due}>{format.date(due)}</time>
    </span>
  );
}
