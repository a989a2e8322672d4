import type { Role } from "../gql/graphql";
import { useText } from "../text/useText";
import { oneOf } from "../ui/oneOf";
import type { DemoUser, Door } from "./api";

const ROLES: readonly Role[] = ["CASEWORKER", "TEAM_LEAD", "AUDITOR", "ADMINISTRATOR"];

/** The invented staff of a demo, each with a button that logs in. */
export function DemoUsers({ door, onPick }: { door: Door; onPick: (user: DemoUser) => void }) {
  const { t } = useText();
  if (door.demoUsers.length === 0) return null;
  const place = (code: string) => door.municipalities.find((one) => one.code === code)?.name ?? code;
  const roleName = (text: string) => {
    const role = oneOf(ROLES, text.toUpperCase().replace("-", "_"));
    return role ? t.roles[role] : text;
  };
  return (
    <section className="demo-users">
      <h2>{t.session.demoTitle}</h2>
      <p>{t.session.demoText(door.demoPassword)}</p>
      <ul className="plain-list">
        {door.demoUsers.map((user) => (
          <li key={`${user.municipality} ${user.login}`}>
            <button type="button" className="button button-secondary" onClick={() => onPick(user)}>
              {t.session.demoUse(user.name)}
            </button>
            <span className="quiet">
              {user.roles.map(roleName).join(", ")} · {place(user.municipality)} · {user.login}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
