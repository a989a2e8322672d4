import type { InquiryFileFragment } from "../gql/graphql";
import { useText } from "../text/useText";
import { Fact, Facts } from "../ui/Facts";
import { Personal } from "../ui/Personal";
import { callTime, InquiryStanding } from "./InboxTable";

export function Contact({ inquiry }: { inquiry: InquiryFileFragment }) {
  const { t, format } = useText();
  return (
    <section aria-label={t.inquiry.contact} className="identity">
      <Facts>
        <Fact label={t.inquiry.name}>
          <Personal value={inquiry.name} />
        </Fact>
        <Fact label={t.inquiry.phone}>
          <Reach value={inquiry.phone} scheme="tel:" />
        </Fact>
        <Fact label={t.inquiry.email}>
          <Reach value={inquiry.email} scheme="mailto:" />
        </Fact>
        {inquiry.callWhen && <Fact label={t.inquiry.callWhen}>{callTime(inquiry.callWhen, t)}</Fact>}
        <Fact label={t.inbox.columns.received}>
          <time dateTime={inquiry.receivedAt}>{format.time(inquiry.receivedAt)}</time>
        </Fact>
        <Fact label={t.inbox.columns.kind}>{t.kinds[inquiry.kind]}</Fact>
        <Fact label={t.inbox.columns.topic}>{inquiry.topic?.title ?? t.inbox.noTopic}</Fact>
        <Fact label={t.inbox.columns.channel}>{t.channels[inquiry.channel]}</Fact>
        <Fact label={t.inbox.columns.state}>
          <InquiryStanding open={inquiry.open} caseId={inquiry.caseId} />
        </Fact>
      </Facts>
    </section>
  );
}

/** A phone number to call or an address to write to. */
function Reach({ value, scheme }: { value: InquiryFileFragment["phone"]; scheme: "tel:" | "mailto:" }) {
  if (value?.__typename !== "PersonalText") return <Personal value={value} />;
  const address = scheme === "tel:" ? value.text.replace(/[^\d+]/g, "") : encodeURIComponent(value.text).replaceAll("%40", "@");
  return <a href={`${scheme}${address}`} className={scheme === "tel:" ? "no-wrap" : undefined}>{value.text}</a>;
}
