import type { CaseFileFragment } from "../../gql/graphql";
import { useSearch } from "../../router/router";
import { useText } from "../../text/useText";
import { oneOf } from "../../ui/oneOf";
import { Tabs } from "../../ui/Tabs";
import { DecisionSection } from "./DecisionSection";
import { HearingSection } from "./HearingSection";
import { NotesSection } from "./NotesSection";
import { Overview } from "./Overview";
import { TimelineSection } from "./TimelineSection";
import type { CaseState } from "./useCase";

const SECTIONS = ["overblik", "notater", "hoering", "afgoerelse", "tidslinje"] as const;

export function CaseSections({ file, state }: { file: CaseFileFragment; state: CaseState }) {
  const { t } = useText();
  const current = oneOf(SECTIONS, useSearch().get("vis")) ?? "overblik";
  const names = {
    overblik: t.file.overview,
    notater: t.file.notes,
    hoering: t.file.hearing,
    afgoerelse: t.file.decision,
    tidslinje: t.file.timeline,
  };
  return (
    <>
      <Tabs label={t.file.sections} name="vis" current={current} tabs={SECTIONS.map((key) => [key, names[key]] as const)} />
      <section aria-labelledby="section" className="section">
        <h2 id="section" tabIndex={-1}>{names[current]}</h2>
        {current === "overblik" && <Overview file={file} />}
        {current === "notater" && <NotesSection notes={file.notes} />}
        {current === "hoering" && <HearingSection hearing={file.hearing} />}
        {current === "afgoerelse" && <DecisionSection file={file} state={state} />}
        {current === "tidslinje" && <TimelineSection events={file.events} />}
      </section>
    </>
  );
}
