// Acts without fields: one sentence that says what follows, and a button.
import { useState } from "react";
import { ActForm } from "../../forms/ActForm";
import {
  CaseCloseDocument,
  CaseInformDocument,
  CaseReleaseDocument,
  DecisionApproveDocument,
  DecisionMakeDocument,
  DecisionSendDocument,
  DecisionSubmitDocument,
} from "../../gql/graphql";
import { useText } from "../../text/useText";
import { type ActProps, type CaseDocument, useCaseAct } from "./useCaseAct";

interface Props<I> extends ActProps {
  document: CaseDocument<I>;
  text: string;
  build: (idempotencyKey: string, seen: number) => I;
}

function ConfirmForm<I>({ document, text, build, ...props }: Props<I>) {
  const { t } = useText();
  const act = useCaseAct(document, props);
  return (
    <ActForm
      outcome={act.outcome}
      submitLabel={t.actions[props.action]}
      onSubmit={() => void act.send((key) => build(key, act.seen))}
      onCancel={props.close}
      notice={act.notice}
    >
      <p>{text}</p>
    </ActForm>
  );
}

type Simple = ActProps & { action: "RELEASE" | "INFORM" | "SEND_DECISION" | "CLOSE" };

export function SimpleForm({ action, ...rest }: Simple) {
  const { t } = useText();
  const props = { action, ...rest };
  const build = (idempotencyKey: string) => ({ caseId: props.file.id, idempotencyKey });
  switch (action) {
    case "RELEASE":
      return <ConfirmForm {...props} document={CaseReleaseDocument} text={t.acts.release} build={build} />;
    case "INFORM":
      return <ConfirmForm {...props} document={CaseInformDocument} text={t.acts.inform} build={build} />;
    case "SEND_DECISION":
      return <ConfirmForm {...props} document={DecisionSendDocument} text={t.acts.send} build={build} />;
    case "CLOSE":
      return <ConfirmForm {...props} document={CaseCloseDocument} text={t.acts.close} build={build} />;
  }
}

type Versioned = ActProps & { action: "SUBMIT_DECISION" | "APPROVE_DECISION" | "MAKE_DECISION" };

/** Acts on the decision name the version that was read: the one on screen when the dialog was opened. */
export function VersionedForm({ action, ...rest }: Versioned) {
  const { t } = useText();
  const props = { action, ...rest };
  const caseId = props.file.id;
  const [version] = useState(props.file.draft?.version ?? 0);
  const build = (idempotencyKey: string, expectedVersion: number) => ({ caseId, version, idempotencyKey, expectedVersion });
  switch (action) {
    case "SUBMIT_DECISION":
      return <ConfirmForm {...props} document={DecisionSubmitDocument} text={t.acts.submit(version)} build={build} />;
    case "APPROVE_DECISION":
      return <ConfirmForm {...props} document={DecisionApproveDocument} text={t.acts.approve(version)} build={build} />;
    case "MAKE_DECISION":
      return (
        <ConfirmForm
          {...props}
          document={DecisionMakeDocument}
          text={t.acts.make}
          build={(idempotencyKey, expectedVersion) => ({ caseId, idempotencyKey, expectedVersion })}
        />
      );
  }
}
