import { useQueryClient } from "@tanstack/react-query";
import { useLineState, hangUp } from "../api/live";
import { dropAllDrafts } from "../forms/draft";
import { Link } from "../router/Link";
import { navigate, usePath } from "../router/router";
import { useText } from "../text/useText";
import { personalText } from "../ui/Personal";
import { logOut } from "./api";
import { LanguageSwitch } from "./LanguageSwitch";
import { handlesCases, hasRole, useViewer } from "./viewer";
import { forgetSession } from "./where";

export function Header() {
  const { t } = useText();
  const viewer = useViewer();
  const client = useQueryClient();
  const path = usePath();

  async function leave(): Promise<void> {
    const continueAt = await logOut().catch(() => undefined);
    hangUp();
    dropAllDrafts();
    forgetSession();
    client.clear();
    // Whoever came in through the identity provider leaves there, too, or the next at this desk would be them.
    if (continueAt) location.assign(continueAt);
    else navigate("/log-ind");
  }

  const links: [string, string, boolean][] = [];
  if (handlesCases(viewer)) {
    links.push(["/sager", t.nav.work, path === "/sager" || path.startsWith("/sager/sag/")]);
    links.push(["/sager/indbakke", t.nav.inbox, path === "/sager/indbakke" || path.startsWith("/sager/henvendelse/")]);
  }
  if (hasRole(viewer, "AUDITOR")) {
    links.push(["/revision", t.nav.audit, path.startsWith("/revision") && path !== "/revision/adgang"]);
    links.push(["/revision/adgang", t.nav.access, path === "/revision/adgang"]);
  }
  return (
    <header className="top">
      <div className="bar">
        <p className="brand">
          {t.app.name} <span className="brand-place">{viewer.municipality.name}</span>
        </p>
        <p className="who">{t.app.signedInAs(personalText(viewer.staff.name, t.app.erased))}</p>
        <LanguageSwitch />
        <button type="button" className="bar-button" onClick={() => void leave()}>
          {t.app.logOut}
        </button>
      </div>
      <nav className="menu" aria-label={t.app.menu}>
        <ul>
          {links.map(([to, text, here]) => (
            <li key={to}>
              <Link to={to} aria-current={here ? "page" : undefined}>
                {text}
              </Link>
            </li>
          ))}
        </ul>
        <LineBadge />
      </nav>
      {viewer.demo && <p className="demo-note">{t.app.demo}</p>}
    </header>
  );
}

/** Says so while the screen cannot update by itself. */
export function LineBadge() {
  const { t } = useText();
  const state = useLineState();
  return (
    <p role="status" className="line-badge">
      {state === "lost" && <span className="badge badge-warning">{t.line.lost}</span>}
    </p>
  );
}
