// Opens the form of the act that the address names.
import type { CaseFileFragment } from "../../gql/graphql";
import { navigate, useSearch, withSearch } from "../../router/router";
import { useText } from "../../text/useText";
import { Dialog } from "../../ui/Dialog";
import { oneOf } from "../../ui/oneOf";
import type { CaseState } from "../file/useCase";
import { AssignForm } from "./AssignForm";
import { ClassifyForm } from "./ClassifyForm";
import { SimpleForm, VersionedForm } from "./ConfirmForm";
import {
  DeadlineExtendForm,
  DeadlineResumeForm,
  DeadlineSuspendForm,
  DelayNoticeForm,
  InformationReceiveForm,
  InformationRequestForm,
} from "./DeadlineForms";
import { HearingCloseForm, HearingOpenForm, HearingWaiveForm } from "./HearingForms";
import { CallNoteForm, StepNoteForm } from "./NoteForms";
import { CaseReopenForm, DecisionReturnForm } from "./ReasonForms";
import type { ActProps } from "./useCaseAct";
import { hasForm, type ActWithForm } from "./withForm";

export function ActDialog({ file, state }: { file: CaseFileFragment; state: CaseState }) {
  const { t } = useText();
  const search = useSearch();
  const action = oneOf(file.availableActions.map(({ name }) => name).filter(hasForm), search.get("handling"));
  // The draft of a decision is written in place, not in a dialog.
  if (!action || action === "DRAFT_DECISION") return null;
  const close = () => {
    navigate(withSearch(search, { handling: "" }), "replace");
    // The button that opened the form may be gone with the act.
    setTimeout(() => {
      if (document.activeElement === document.body) document.getElementById("actions")?.focus();
    });
  };
  return (
    <Dialog title={t.actions[action]} onClose={close}>
      <FormOf action={action} file={file} state={state} close={close} />
    </Dialog>
  );
}

function FormOf({ action, ...rest }: ActProps & { action: Exclude<ActWithForm, "DRAFT_DECISION"> }) {
  switch (action) {
    case "CLASSIFY":
      return <ClassifyForm action={action} {...rest} />;
    case "ASSIGN":
      return <AssignForm action={action} {...rest} />;
    case "NOTE_CALL":
      return <CallNoteForm action={action} {...rest} />;
    case "NOTE_STEP":
      return <StepNoteForm action={action} {...rest} />;
    case "REQUEST_INFORMATION":
      return <InformationRequestForm action={action} {...rest} />;
    case "RECEIVE_INFORMATION":
      return <InformationReceiveForm action={action} {...rest} />;
    case "SUSPEND_DEADLINE":
      return <DeadlineSuspendForm action={action} {...rest} />;
    case "RESUME_DEADLINE":
      return <DeadlineResumeForm action={action} {...rest} />;
    case "SEND_DELAY_NOTICE":
      return <DelayNoticeForm action={action} {...rest} />;
    case "EXTEND_DEADLINE":
      return <DeadlineExtendForm action={action} {...rest} />;
    case "OPEN_HEARING":
      return <HearingOpenForm action={action} {...rest} />;
    case "CLOSE_HEARING":
      return <HearingCloseForm action={action} {...rest} />;
    case "WAIVE_HEARING":
      return <HearingWaiveForm action={action} {...rest} />;
    case "RETURN_DECISION":
      return <DecisionReturnForm action={action} {...rest} />;
    case "REOPEN":
      return <CaseReopenForm action={action} {...rest} />;
    case "RELEASE":
    case "INFORM":
    case "SEND_DECISION":
    case "CLOSE":
      return <SimpleForm action={action} {...rest} />;
    case "SUBMIT_DECISION":
    case "APPROVE_DECISION":
    case "MAKE_DECISION":
      return <VersionedForm action={action} {...rest} />;
  }
}
