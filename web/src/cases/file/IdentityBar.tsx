import type { CaseFileFragment } from "../../gql/graphql";
import { useText } from "../../text/useText";
import { Fact, Facts } from "../../ui/Facts";
import { Personal } from "../../ui/Personal";
import { DueBadge } from "../DueBadge";
import { StaffLabel } from "../StaffLabel";
import { Waiting } from "../Waiting";

/** What must be in view whatever part of the case is shown. */
export function IdentityBar({ file }: { file: CaseFileFragment }) {
  const { t } = useText();
  return (
    <section aria-label={t.file.identity} className="identity">
      <Facts>
        <Fact label={t.file.party}>{file.party ? <Personal value={file.party} /> : t.file.noParty}</Fact>
        <Fact label={t.file.deadline}>
          <DueBadge due={file.deadline?.due ?? null} daysLeft={file.deadline?.daysLeft ?? null} />
          {file.deadline?.state === "SUSPENDED" && <span className="badge badge-small badge-plain">{t.deadline.suspended}</span>}
          <Waiting on={file.waitingOn} since={file.waitingSince} />
          {file.deadline && <WhyDeadline deadline={file.deadline} />}
        </Fact>
        <Fact label={t.file.caseworker}>{file.caseworker ? <StaffLabel staff={file.caseworker} /> : t.file.nobody}</Fact>
        <Fact label={t.file.phase}>{t.phases[file.phase]}</Fact>
      </Facts>
    </section>
  );
}

/** A deadline explains itself. */
function WhyDeadline({ deadline }: { deadline: NonNullable<CaseFileFragment["deadline"]> }) {
  const { t } = useText();
  return (
    <details className="why">
      <summary>{t.deadline.why}</summary>
      <ol>
        {deadline.steps.map((step, at) => (
          <li key={at}>{step.text}</li>
        ))}
      </ol>
      <p className="quiet">
        {deadline.source && `${deadline.source} · `}
        {deadline.rule} · {t.deadline.rule(deadline.days, t.countings[deadline.counting])} · {t.deadline.ruleSet(deadline.ruleSet)}
      </p>
    </details>
  );
}
