import { useDeferredValue, useState } from "react";
import { useAnswer } from "../../api/query";
import { ActForm } from "../../forms/ActForm";
import { Input, Radios, Select } from "../../forms/fields";
import { CaseClassifyDocument, KleFacetsDocument, KleSearchDocument } from "../../gql/graphql";
import { useText } from "../../text/useText";
import { type ActProps, useActDraft, useCaseAct } from "./useCaseAct";

export function ClassifyForm(props: ActProps) {
  const { t } = useText();
  const { file } = props;
  const draft = useActDraft(props, { kle: file.kle?.number ?? "", kleTitle: file.kle?.title ?? "", facet: file.kle?.facet ?? "" });
  const { kle, kleTitle, facet } = draft.values;
  const facets = useAnswer("kleFacets", KleFacetsDocument, {});
  const act = useCaseAct(CaseClassifyDocument, props, draft.drop);
  const submit = () => act.send((idempotencyKey) => ({ caseId: file.id, kle, facet, idempotencyKey }));
  return (
    <ActForm outcome={act.outcome} submitLabel={t.actions.CLASSIFY} onSubmit={() => void submit()} onCancel={props.close} notice={act.notice}>
      <KlePicker
        chosen={[kle, kleTitle]}
        onChoose={(number, title) => draft.setAll({ kle: number, kleTitle: title })}
      />
      <Select name="facet" label={t.acts.facet} value={facet} onChange={(value) => draft.set("facet", value)}>
        <option value="">{t.acts.chooseFacet}</option>
        {facets.data?.kleFacets.map((one) => (
          <option key={one.facet ?? one.number} value={one.facet ?? one.number}>
            {one.facet ?? one.number} {one.title}
          </option>
        ))}
      </Select>
    </ActForm>
  );
}

interface PickerProps {
  chosen: readonly [number: string, title: string];
  onChoose: (number: string, title: string) => void;
}

/** A search field and the subjects it finds; the one that is chosen stays on the list. */
function KlePicker({ chosen: [number, title], onChoose }: PickerProps) {
  const { t } = useText();
  const [typed, setTyped] = useState("");
  const text = useDeferredValue(typed.trim());
  const { data } = useAnswer("kleSearch", KleSearchDocument, { text }, { enabled: text.length > 1, keep: true });
  const found = text.length > 1 ? (data?.kleSearch ?? []) : [];
  const shown = number && !found.some((one) => one.number === number) ? [{ number, title }, ...found] : found;
  return (
    <>
      <Input name={shown.length > 0 ? "kleSearch" : "kle"} type="search" label={t.acts.kleSearch} hint={t.acts.kleSearchHint} value={typed} onChange={setTyped} />
      <p role="status" className="quiet">
        {text.length > 1 && data ? t.acts.kleFound(found.length) : ""}
      </p>
      {shown.length > 0 && (
        <Radios
          name="kle"
          label={t.acts.kle}
          value={number}
          onChange={(picked) => onChoose(picked, shown.find((one) => one.number === picked)?.title ?? "")}
          options={shown.map((one) => [one.number, `${one.number} ${one.title}`] as const)}
        />
      )}
    </>
  );
}
