// Acts on the deadline, and on what is asked for meanwhile.
import { ActForm } from "../../forms/ActForm";
import { Checkbox, Input, Select, TextArea, YES } from "../../forms/fields";
import {
  DeadlineExtendDocument,
  DeadlineResumeDocument,
  DeadlineSuspendDocument,
  DelayNoticeSendDocument,
  InformationReceiveDocument,
  InformationRequestDocument,
  type WaitingFor,
} from "../../gql/graphql";
import { addDays, today } from "../../text/format";
import { useText } from "../../text/useText";
import { oneOf } from "../../ui/oneOf";
import { type ActProps, useActDraft, useCaseAct } from "./useCaseAct";

const SOMEBODY: readonly WaitingFor[] = ["PARTY", "OTHER_AUTHORITY", "EXPERT", "THIRD_PARTY"];

function Somebody({ value, onChange, label }: { value: string; onChange: (value: string) => void; label: string }) {
  const { t } = useText();
  return (
    <Select name="waitingFor" label={label} value={value} onChange={onChange}>
      <option value="">{t.acts.chooseSomebody}</option>
      {SOMEBODY.map((one) => (
        <option key={one} value={one}>
          {t.waitingFor[one]}
        </option>
      ))}
    </Select>
  );
}

/** A day that may be left out. */
const day = (value: string) => value || null;

export function DeadlineSuspendForm(props: ActProps) {
  const { t } = useText();
  const draft = useActDraft(props, { from: today(), waitingFor: "", reason: "" });
  const act = useCaseAct(DeadlineSuspendDocument, props, draft.drop);
  const { from, waitingFor, reason } = draft.values;
  const submit = () =>
    act.send((idempotencyKey) => ({
      caseId: props.file.id,
      from: day(from),
      waitingFor: oneOf(SOMEBODY, waitingFor) ?? null,
      reason,
      idempotencyKey,
    }));
  return (
    <ActForm outcome={act.outcome} submitLabel={t.actions.SUSPEND_DEADLINE} onSubmit={() => void submit()} onCancel={props.close} notice={act.notice}>
      <Somebody label={t.acts.waitingFor} value={waitingFor} onChange={(value) => draft.set("waitingFor", value)} />
      <Input name="from" type="date" width="input-width-s" label={t.acts.pausedFrom} value={from} onChange={(value) => draft.set("from", value)} />
      <TextArea name="reason" label={t.acts.reason} value={reason} onChange={(value) => draft.set("reason", value)} />
    </ActForm>
  );
}

export function DeadlineResumeForm(props: ActProps) {
  const { t } = useText();
  const draft = useActDraft(props, { on: today() });
  const act = useCaseAct(DeadlineResumeDocument, props, draft.drop);
  const submit = () => act.send((idempotencyKey) => ({ caseId: props.file.id, on: day(draft.values.on), idempotencyKey }));
  return (
    <ActForm outcome={act.outcome} submitLabel={t.actions.RESUME_DEADLINE} onSubmit={() => void submit()} onCancel={props.close} notice={act.notice}>
      <Input name="on" type="date" width="input-width-s" label={t.acts.resumedOn} value={draft.values.on} onChange={(value) => draft.set("on", value)} />
    </ActForm>
  );
}

export function DeadlineExtendForm(props: ActProps) {
  const { t } = useText();
  const draft = useActDraft(props, { days: "", reason: "" });
  const act = useCaseAct(DeadlineExtendDocument, props, draft.drop);
  const { days, reason } = draft.values;
  function submit(): void {
    // The transport knows only whole numbers; which of them the rule allows, the rule says.
    if (!/^\d{1,4}$/.test(days)) act.refuse([{ code: "FIELD_EMPTY", message: t.acts.wholeDays, statute: null, path: "days" }]);
    else void act.send((idempotencyKey) => ({ caseId: props.file.id, days: Number(days), reason, idempotencyKey }));
  }
  return (
    <ActForm outcome={act.outcome} submitLabel={t.actions.EXTEND_DEADLINE} onSubmit={submit} onCancel={props.close} notice={act.notice}>
      <Input name="days" width="input-width-s" label={t.acts.extendDays} value={days} onChange={(value) => draft.set("days", value)} />
      <TextArea name="reason" label={t.acts.reason} value={reason} onChange={(value) => draft.set("reason", value)} />
    </ActForm>
  );
}

export function DelayNoticeForm(props: ActProps) {
  const { t } = useText();
  const draft = useActDraft(props, { expected: "", reason: "" });
  const act = useCaseAct(DelayNoticeSendDocument, props, draft.drop);
  const { expected, reason } = draft.values;
  function submit(): void {
    if (!expected) act.refuse([{ code: "FIELD_EMPTY", message: t.acts.required, statute: null, path: "expected" }]);
    else void act.send((idempotencyKey) => ({ caseId: props.file.id, expected, reason, idempotencyKey }));
  }
  return (
    <ActForm outcome={act.outcome} submitLabel={t.actions.SEND_DELAY_NOTICE} onSubmit={submit} onCancel={props.close} notice={act.notice}>
      <Input
        name="expected"
        type="date"
        width="input-width-s"
        label={t.acts.expected}
        min={addDays(today(), 1)}
        value={expected}
        onChange={(value) => draft.set("expected", value)}
      />
      <TextArea name="reason" label={t.acts.delayReason} value={reason} onChange={(value) => draft.set("reason", value)} />
    </ActForm>
  );
}

export function InformationRequestForm(props: ActProps) {
  const { t } = useText();
  const draft = useActDraft(props, { waitingFor: "PARTY", what: "", replyBy: "", suspend: "" });
  const act = useCaseAct(InformationRequestDocument, props, draft.drop);
  const { waitingFor, what, replyBy, suspend } = draft.values;
  const submit = () =>
    act.send((idempotencyKey) => ({
      caseId: props.file.id,
      waitingFor: oneOf(SOMEBODY, waitingFor) ?? null,
      what,
      replyBy: day(replyBy),
      suspend: suspend === YES,
      idempotencyKey,
    }));
  return (
    <ActForm outcome={act.outcome} submitLabel={t.actions.REQUEST_INFORMATION} onSubmit={() => void submit()} onCancel={props.close} notice={act.notice}>
      <Somebody label={t.acts.askedOf} value={waitingFor} onChange={(value) => draft.set("waitingFor", value)} />
      <TextArea name="what" label={t.acts.askedFor} value={what} onChange={(value) => draft.set("what", value)} />
      <Input
        name="replyBy"
        type="date"
        width="input-width-s"
        label={t.acts.answerBy}
        optional
        min={addDays(today(), 1)}
        value={replyBy}
        onChange={(value) => draft.set("replyBy", value)}
      />
      <Checkbox name="suspend" label={t.acts.suspend} hint={t.acts.suspendText} value={suspend} onChange={(value) => draft.set("suspend", value)} />
    </ActForm>
  );
}

export function InformationReceiveForm(props: ActProps) {
  const { t } = useText();
  const waiting = props.file.informationRequests.filter((request) => !request.receivedAt);
  const draft = useActDraft(props, { number: String(waiting[0]?.number ?? ""), what: "" });
  const act = useCaseAct(InformationReceiveDocument, props, draft.drop);
  const { number, what } = draft.values;
  const submit = () => act.send((idempotencyKey) => ({ caseId: props.file.id, number: Number(number), what, idempotencyKey }));
  return (
    <ActForm outcome={act.outcome} submitLabel={t.actions.RECEIVE_INFORMATION} onSubmit={() => void submit()} onCancel={props.close} notice={act.notice}>
      <Select name="number" label={t.acts.answers} value={number} onChange={(value) => draft.set("number", value)}>
        {waiting.map((request) => (
          <option key={request.number} value={request.number}>
            {t.acts.request(request.number, t.waitingFor[request.waitingFor])}
          </option>
        ))}
      </Select>
      <TextArea name="what" label={t.acts.received} optional value={what} onChange={(value) => draft.set("what", value)} />
    </ActForm>
  );
}
