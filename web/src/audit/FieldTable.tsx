import type { LabelledFieldFragment } from "../gql/graphql";
import { useText } from "../text/useText";
import { Personal } from "../ui/Personal";

interface Props {
  caption: string;
  /** The heading above says the same. */
  hideCaption?: boolean;
  fields: readonly LabelledFieldFragment[];
}

/** Labelled values: of an event, or of a state. */
export function FieldTable({ caption, hideCaption = false, fields }: Props) {
  const { t } = useText();
  return (
    <table className="table table--compact table--borderless field-table">
      <caption className={hideCaption ? "sr-only" : undefined}>{caption}</caption>
      <thead>
        <tr>
          <th scope="col">{t.audit.field}</th>
          <th scope="col">{t.audit.value}</th>
        </tr>
      </thead>
      <tbody>
        {fields.map((field) => (
          <tr key={field.key}>
            <th scope="row">{field.label}</th>
            <td className="prose">
              <Personal value={field.value} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
