import type { CaseFileFragment } from "../../gql/graphql";
import { Link } from "../../router/Link";
import { useText } from "../../text/useText";
import { Fact, Facts } from "../../ui/Facts";
import { Personal } from "../../ui/Personal";

export function Overview({ file }: { file: CaseFileFragment }) {
  const { t, format } = useText();
  return (
    <Facts wide>
      <Fact label={t.worklist.columns.title}>
        <Personal value={file.title} />
      </Fact>
      <Fact label={t.file.kle}>{file.kle ? `${file.kle.number} ${file.kle.title}` : t.file.noKle}</Fact>
      {file.kle?.facet && <Fact label={t.file.facet}>{file.kle.facet}</Fact>}
      <Fact label={t.file.received}>
        <time dateTime={file.received}>{format.date(file.received)}</time>
      </Fact>
      <Fact label={t.file.channel}>{t.channels[file.channel]}</Fact>
      {file.topic && <Fact label={t.file.topic}>{file.topic.title}</Fact>}
      <Fact label={t.file.progress}>{file.progress}</Fact>
      {file.inquiry && (
        <Fact label={t.file.inquiry}>
          <Link to={`/sager/henvendelse/${encodeURIComponent(file.inquiry.id)}`}>{file.inquiry.reference}</Link>
        </Fact>
      )}
      <Fact label={t.file.revision}>{file.revision}</Fact>
    </Facts>
  );
}
