// The form around one act: fields in the middle, what went wrong on top, two buttons below.
import { type ReactNode, useId } from "react";
import type { Failure } from "../api/failure";
import type { Texts } from "../text/da";
import { failureText } from "../ui/Answered";
import { Alert } from "../ui/Alert";
import { useText } from "../text/useText";
import { FormContext } from "./context";
import { ErrorSummary } from "./ErrorSummary";
import type { Outcome } from "./useAct";

interface Props {
  outcome: Outcome;
  submitLabel: string;
  cancelLabel?: string;
  onSubmit: () => void;
  onCancel: () => void;
  /** What must be read first, such as what somebody else did meanwhile. */
  notice?: ReactNode;
  children?: ReactNode;
}

const NONE: never[] = [];

export function ActForm({ outcome, submitLabel, cancelLabel, onSubmit, onCancel, notice, children }: Props) {
  const { t } = useText();
  const id = useId();
  const refusals = outcome.kind === "refused" ? outcome.refusals : NONE;
  const sending = outcome.kind === "sending";
  return (
    <FormContext value={{ id, refusals }}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          onSubmit();
        }}
      >
        <ErrorSummary form={id} refusals={refusals} heading={t.acts.notDone} note={t.acts.notDoneText} />
        {notice}
        {outcome.kind === "failed" && (
          <Alert kind="error" heading={failureHeading(outcome.failure, t)} urgent>
            {outcome.failure.kind !== "fault" && <p>{failureText(outcome.failure, t)}</p>}
            {isUnknown(outcome.failure) && <p>{t.acts.unknown}</p>}
          </Alert>
        )}
        {children}
        <div className="form-buttons">
          <button type="submit" className="button button-primary" aria-disabled={sending || undefined}>
            {sending ? t.acts.sending : submitLabel}
          </button>
          <button type="button" className="button button-secondary" onClick={onCancel}>
            {cancelLabel ?? t.acts.cancel}
          </button>
        </div>
      </form>
    </FormContext>
  );
}

/** Without an answer nobody knows whether the act was done. */
function isUnknown(failure: Failure): boolean {
  return failure.kind === "offline" || failure.kind === "fault";
}

function failureHeading(failure: Failure, t: Texts): string {
  if (isUnknown(failure)) return t.acts.unknownTitle;
  return failure.kind === "no-access" ? t.state.noAccess : t.acts.notDone;
}
