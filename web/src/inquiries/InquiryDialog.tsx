import type { InquiryDoneFragment, InquiryFileFragment } from "../gql/graphql";
import { navigate, useSearch, withSearch } from "../router/router";
import { useText } from "../text/useText";
import { Dialog } from "../ui/Dialog";
import { oneOf } from "../ui/oneOf";
import { CloseInquiryForm } from "./CloseInquiryForm";
import { GuideForm } from "./GuideForm";
import { possibleActs } from "./InquiryActions";
import { OpenCaseForm } from "./OpenCaseForm";

export interface InquiryActProps {
  inquiry: InquiryFileFragment;
  accept: (done: InquiryDoneFragment) => void;
  close: () => void;
}

/** The form that the address names. */
export function InquiryDialog({ inquiry, accept }: Omit<InquiryActProps, "close">) {
  const { t } = useText();
  const search = useSearch();
  const act = oneOf(possibleActs(inquiry), search.get("handling"));
  if (!act) return null;
  const close = () => {
    navigate(withSearch(search, { handling: "" }), "replace");
    setTimeout(() => {
      if (document.activeElement === document.body) document.getElementById("actions")?.focus();
    });
  };
  const props = { inquiry, accept, close };
  switch (act) {
    case "opret-sag":
      return (
        <Dialog key={act} title={t.inquiry.openCase} onClose={close}>
          <OpenCaseForm {...props} />
        </Dialog>
      );
    case "vejled":
      return (
        <Dialog key={act} title={t.inquiry.guide} onClose={close}>
          <GuideForm {...props} />
        </Dialog>
      );
    case "afslut":
      return (
        <Dialog key={act} title={t.inquiry.close} onClose={close}>
          <CloseInquiryForm {...props} />
        </Dialog>
      );
  }
}
