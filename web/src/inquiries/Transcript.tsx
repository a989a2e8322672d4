import type { InquiryFileFragment } from "../gql/graphql";
import { useText } from "../text/useText";

/** What the citizen and the chat said to each other before the inquiry was left. */
export function Transcript({ lines }: { lines: InquiryFileFragment["transcript"] }) {
  const { t, format } = useText();
  return (
    <section aria-labelledby="transcript" className="section">
      <h2 id="transcript">{t.inquiry.transcript}</h2>
      {lines.length === 0 ? (
        <p>{t.inquiry.noTranscript}</p>
      ) : (
        <ol className="transcript">
          {lines.map((line, at) => (
            <li key={`${line.at} ${at}`} className={line.speaker === "CITIZEN" ? "said said-citizen" : "said"}>
              <p className="entry-head">
                <strong>{t.inquiry.speakers[line.speaker]}</strong>{" "}
                <time className="quiet" dateTime={line.at}>
                  {format.time(line.at)}
                </time>
              </p>
              <p className="prose">{line.text}</p>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
