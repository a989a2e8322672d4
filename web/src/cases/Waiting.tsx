import type { WaitingFor } from "../gql/graphql";
import { useText } from "../text/useText";

/** Who is waited for, and since when; nothing when nobody is. */
export function Waiting({ on, since }: { on: WaitingFor | null; since: string | null }) {
  const { t, format } = useText();
  if (!on || !since) return null;
  return <span className="quiet block">{t.deadline.waiting(t.waitingFor[on], format.date(since))}</span>;
}
