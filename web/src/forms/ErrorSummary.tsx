// On top of the form: everything that stands in the way, with the statute, each line leading to its field.
import { useEffect, useRef } from "react";
import type { RefusalPart } from "./refusal";
import { useText } from "../text/useText";
import { fieldId } from "./context";

interface Props {
  form: string;
  refusals: readonly RefusalPart[];
  heading: string;
  /** What has become of what was written. */
  note?: string;
}

export function ErrorSummary({ form, refusals, heading, note }: Props) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (refusals.length > 0) box.current?.focus();
  }, [refusals]);
  if (refusals.length === 0) return null;
  return (
    <div className="alert alert-error plain-alert" role="alert" tabIndex={-1} ref={box}>
      <p className="alert-heading">{heading}</p>
      <div className="alert-text">
        <ul>
          {refusals.map((refusal) => (
            <li key={`${refusal.code} ${refusal.path}`}>
              <RefusalLine form={form} refusal={refusal} />
            </li>
          ))}
        </ul>
        {note && <p>{note}</p>}
      </div>
    </div>
  );
}

function RefusalLine({ form, refusal }: { form: string; refusal: RefusalPart }) {
  const { t } = useText();
  const target = fieldId(form, refusal.path);
  return (
    <>
      {refusal.path ? (
        <a
          href={`#${target}`}
          onClick={(event) => {
            event.preventDefault();
            document.getElementById(target)?.focus();
          }}
        >
          {refusal.message}
        </a>
      ) : (
        refusal.message
      )}
      {refusal.statute && <span className="statute"> {t.file.statute(refusal.statute)}</span>}
    </>
  );
}
