import type { ActorNameFragment, StaffNameFragment } from "../gql/graphql";
import { Personal } from "../ui/Personal";

export function StaffLabel({ staff }: { staff: StaffNameFragment }) {
  return <Personal value={staff.name} />;
}

/** Who acted: a colleague by name, everything else by its label. */
export function ActorLabel({ actor }: { actor: ActorNameFragment }) {
  return actor.staff ? <Personal value={actor.staff.name} /> : actor.label;
}
