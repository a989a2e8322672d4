// Which address shows which page.
import { type ReactNode, useEffect } from "react";
import { AccessPage } from "../audit/AccessPage";
import { AuditCasePage } from "../audit/AuditCasePage";
import { AuditPage } from "../audit/AuditPage";
import { CasePage } from "../cases/file/CasePage";
import { WorklistPage } from "../cases/worklist/WorklistPage";
import { InboxPage } from "../inquiries/InboxPage";
import { InquiryPage } from "../inquiries/InquiryPage";
import { Link } from "../router/Link";
import { match, navigate, usePath } from "../router/router";
import { Header } from "../session/Header";
import { LanguageSwitch } from "../session/LanguageSwitch";
import { LoginPage } from "../session/LoginPage";
import { SessionGate } from "../session/SessionGate";
import { handlesCases, hasRole, useViewer } from "../session/viewer";
import { useText } from "../text/useText";
import { NoAccess } from "../ui/Answered";
import { Announcer } from "../ui/Announcer";
import { Page } from "../ui/Page";

export function App() {
  const path = usePath();
  const { t } = useText();
  return (
    <>
      <a
        className="skipnav"
        href="#main-content"
        onClick={(event) => {
          event.preventDefault();
          document.getElementById("main-content")?.focus();
        }}
      >
        {t.app.skip}
      </a>
      {path === "/log-ind" ? <Outside /> : <Inside path={path} />}
      <Announcer />
    </>
  );
}

function Outside() {
  const { t } = useText();
  return (
    <>
      <header className="top">
        <div className="bar">
          <p className="brand">{t.app.name}</p>
          <LanguageSwitch />
        </div>
      </header>
      <Main>
        <LoginPage />
      </Main>
    </>
  );
}

function Inside({ path }: { path: string }) {
  return (
    <SessionGate>
      <Header />
      <Main>
        <Screen key={path} path={path} />
      </Main>
    </SessionGate>
  );
}

function Main({ children }: { children: ReactNode }) {
  return (
    <main id="main-content" tabIndex={-1}>
      {children}
    </main>
  );
}

function Screen({ path }: { path: string }) {
  const viewer = useViewer();
  const casework = handlesCases(viewer);
  const audits = hasRole(viewer, "AUDITOR");
  const home = casework || !audits ? "/sager" : "/revision";
  // The front door leads everybody to their own screen; auditors have no worklist.
  const lost = path === "/" || (path === "/sager" && !casework && audits);
  useEffect(() => {
    if (lost) navigate(home, "replace");
  }, [lost, home]);
  if (lost) return null;

  const auditCase = match("/revision/sag/:id", path);
  if (path === "/revision" || path === "/revision/adgang" || auditCase) {
    if (!audits) return <Forbidden />;
    if (auditCase) return <AuditCasePage id={auditCase["id"] ?? ""} />;
    return path === "/revision" ? <AuditPage /> : <AccessPage />;
  }
  const file = match("/sager/sag/:id", path);
  const inquiry = match("/sager/henvendelse/:id", path);
  if (path === "/sager" || path === "/sager/indbakke" || file || inquiry) {
    if (!casework) return <Forbidden />;
    if (file) return <CasePage id={file["id"] ?? ""} />;
    if (inquiry) return <InquiryPage id={inquiry["id"] ?? ""} />;
    return path === "/sager" ? <WorklistPage /> : <InboxPage />;
  }
  return <NotFound home={home} />;
}

function Forbidden() {
  const { t } = useText();
  return (
    <Page title={t.state.noAccess}>
      <NoAccess />
    </Page>
  );
}

function NotFound({ home }: { home: string }) {
  const { t } = useText();
  return (
    <Page title={t.app.notFound}>
      <p>{t.app.notFoundText}</p>
      <Link to={home}>{t.app.home}</Link>
    </Page>
  );
}
