import { useAnswer } from "../../api/query";
import { ActForm } from "../../forms/ActForm";
import { Select } from "../../forms/fields";
import { CaseAssignDocument, StaffListDocument } from "../../gql/graphql";
import { useViewer } from "../../session/viewer";
import { useText } from "../../text/useText";
import { personalText } from "../../ui/Personal";
import { type ActProps, useActDraft, useCaseAct } from "./useCaseAct";

export function AssignForm(props: ActProps) {
  const { t } = useText();
  const viewer = useViewer();
  const staff = useAnswer("staff", StaffListDocument, {});
  const draft = useActDraft(props, { staffId: "" });
  const act = useCaseAct(CaseAssignDocument, props, draft.drop);
  const give = (staffId: string) => act.send((idempotencyKey) => ({ caseId: props.file.id, staffId, idempotencyKey }));
  function submit(): void {
    if (draft.values.staffId) void give(draft.values.staffId);
    else act.refuse([{ code: "FIELD_EMPTY", message: t.acts.required, statute: null, path: "staffId" }]);
  }
  const able = staff.data?.staff.filter(({ roles }) => roles.includes("CASEWORKER") || roles.includes("TEAM_LEAD")) ?? [];
  return (
    <ActForm outcome={act.outcome} submitLabel={t.actions.ASSIGN} onSubmit={submit} onCancel={props.close} notice={act.notice}>
      {props.file.caseworker?.id !== viewer.staff.id && (
        <p>
          <button type="button" className="button button-secondary" onClick={() => void give(viewer.staff.id)}>
            {t.acts.take}
          </button>
        </p>
      )}
      <Select name="staffId" label={t.acts.staff} value={draft.values.staffId} onChange={(value) => draft.set("staffId", value)}>
        <option value="">{t.acts.chooseStaff}</option>
        {able.map((one) => (
          <option key={one.id} value={one.id}>
            {personalText(one.name, t.app.erased)} ({one.login})
          </option>
        ))}
      </Select>
    </ActForm>
  );
}
