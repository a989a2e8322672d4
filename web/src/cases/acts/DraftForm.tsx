// The draft of a decision, written in place so that the rest of the case stays in reach.
import { useEffect } from "react";
import { ActForm } from "../../forms/ActForm";
import { Checkbox, Input, Select, TextArea, YES } from "../../forms/fields";
import { type CaseFileFragment, DecisionDraftDocument, type Outcome } from "../../gql/graphql";
import { navigate, useSearch, withSearch } from "../../router/router";
import type { Texts } from "../../text/da";
import { useText } from "../../text/useText";
import { oneOf } from "../../ui/oneOf";
import { personalText } from "../../ui/Personal";
import type { CaseState } from "../file/useCase";
import { ComplaintFields } from "./ComplaintFields";
import { RestoredNote } from "./RestoredNote";
import { useActDraft, useCaseAct } from "./useCaseAct";

const OUTCOMES: readonly Outcome[] = ["GRANTED", "PARTLY_GRANTED", "REFUSED"];

export function DraftForm({ file, state }: { file: CaseFileFragment; state: CaseState }) {
  const { t } = useText();
  const search = useSearch();
  const close = () => {
    navigate(withSearch(search, { handling: "" }), "replace");
    setTimeout(focusSection);
  };
  useEffect(focusSection, []);
  const props = { action: "DRAFT_DECISION", file, state, close } as const;
  const draft = useActDraft(props, startingPoint(file, t));
  const act = useCaseAct(DecisionDraftDocument, props, draft.drop);
  const v = draft.values;
  const submit = () =>
    act.send((idempotencyKey) => ({
      caseId: file.id,
      outcome: oneOf(OUTCOMES, v.outcome) ?? null,
      text: v.text,
      legalBasis: v.legalBasis,
      groundsRules: v.groundsRules,
      groundsDiscretion: v.groundsDiscretion,
      groundsFacts: v.groundsFacts,
      complaint: v.complaint === YES ? { body: v.body, how: v.how, limit: v.limit } : null,
      idempotencyKey,
      expectedVersion: act.seen,
    }));
  return (
    <ActForm
      outcome={act.outcome}
      submitLabel={t.decision.save}
      cancelLabel={t.decision.stop}
      onSubmit={() => void submit()}
      onCancel={close}
      notice={act.notice}
    >
      {draft.restored && <RestoredNote onDiscard={draft.discard} />}
      <Select name="outcome" label={t.decision.outcome} value={v.outcome} onChange={(value) => draft.set("outcome", value)}>
        <option value="">{t.decision.noOutcome}</option>
        {OUTCOMES.map((outcome) => (
          <option key={outcome} value={outcome}>
            {t.outcomes[outcome]}
          </option>
        ))}
      </Select>
      <TextArea name="text" label={t.decision.text} rows={8} value={v.text} onChange={(value) => draft.set("text", value)} />
      <Input name="legalBasis" label={t.decision.legalBasis} value={v.legalBasis} onChange={(value) => draft.set("legalBasis", value)} />
      <fieldset className="group">
        <legend>{t.decision.grounds}</legend>
        <p className="form-hint">{t.decision.groundsHint}</p>
        <TextArea name="groundsRules" label={t.decision.groundsRules} value={v.groundsRules} onChange={(value) => draft.set("groundsRules", value)} />
        <TextArea
          name="groundsDiscretion"
          label={t.decision.groundsDiscretion}
          value={v.groundsDiscretion}
          onChange={(value) => draft.set("groundsDiscretion", value)}
        />
        <TextArea name="groundsFacts" label={t.decision.groundsFacts} value={v.groundsFacts} onChange={(value) => draft.set("groundsFacts", value)} />
      </fieldset>
      <fieldset className="group">
        <legend>{t.decision.complaint}</legend>
        <Checkbox name="complaint" label={t.decision.withComplaint} value={v.complaint} onChange={(value) => draft.set("complaint", value)} />
        {v.complaint === YES && <ComplaintFields values={v} onChange={draft.set} />}
      </fieldset>
    </ActForm>
  );
}

/** The form opens away from the button that opened it: the focus goes along. */
function focusSection(): void {
  document.getElementById("section")?.focus();
}

/** The newest draft to go on with, or an empty one with the usual complaint guidance. */
function startingPoint({ draft }: CaseFileFragment, t: Texts) {
  return {
    outcome: draft?.outcome ?? "",
    text: personalText(draft?.text ?? null, ""),
    legalBasis: draft?.legalBasis ?? "",
    groundsRules: personalText(draft?.groundsRules ?? null, ""),
    groundsDiscretion: personalText(draft?.groundsDiscretion ?? null, ""),
    groundsFacts: personalText(draft?.groundsFacts ?? null, ""),
    complaint: !draft || draft.complaint ? YES : "",
    body: draft?.complaint?.body ?? t.decision.bodyDefault,
    how: draft?.complaint?.how ?? t.decision.howDefault,
    limit: draft?.complaint?.limit ?? t.decision.limitDefault,
  };
}
