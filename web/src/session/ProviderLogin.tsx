// The way in through the municipality's own log-in. A plain link: the browser leaves this page.
import { useText } from "../text/useText";
import { providerAddress } from "./api";

export function ProviderLogin({ title, next, both }: { title: string; next: string; both: boolean }) {
  const { t } = useText();
  return (
    <>
      <h2>{t.session.providerTitle}</h2>
      <p>
        <a className="button button-primary" href={providerAddress(next)}>
          {t.session.providerUse(title)}
        </a>
      </p>
      {both && (
        <>
          <h2>{t.session.accountTitle}</h2>
          <p>{t.session.accountText}</p>
        </>
      )}
    </>
  );
}
