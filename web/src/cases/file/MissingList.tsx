import type { RefusalPart } from "../../forms/refusal";
import { useText } from "../../text/useText";

/** What stands between the case and a decision, statute by statute. */
export function MissingList({ missing }: { missing: readonly RefusalPart[] }) {
  const { t } = useText();
  return (
    <section aria-labelledby="missing" className="panel">
      <h2 id="missing">{t.file.missing}</h2>
      {missing.length === 0 ? (
        <p>{t.file.missingNone}</p>
      ) : (
        <ul className="reasons">
          {missing.map((refusal) => (
            <li key={`${refusal.code} ${refusal.path}`}>
              <Reason refusal={refusal} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

export function Reason({ refusal }: { refusal: RefusalPart }) {
  const { t } = useText();
  return (
    <>
      {refusal.message}
      {refusal.statute && <span className="statute">{t.file.statute(refusal.statute)}</span>}
    </>
  );
}
