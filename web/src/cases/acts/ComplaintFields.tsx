import { Input } from "../../forms/fields";
import { useText } from "../../text/useText";

type Name = "body" | "how" | "limit";

interface Props {
  values: Record<Name, string>;
  onChange: (name: Name, value: string) => void;
}

/** Where, how and by when to complain. */
export function ComplaintFields({ values, onChange }: Props) {
  const { t } = useText();
  return (
    <>
      <Input name="complaint.body" label={t.decision.body} value={values.body} onChange={(value) => onChange("body", value)} />
      <Input name="complaint.how" label={t.decision.how} value={values.how} onChange={(value) => onChange("how", value)} />
      <Input name="complaint.limit" label={t.decision.limit} value={values.limit} onChange={(value) => onChange("limit", value)} />
    </>
  );
}
