import type { CaseNoteFragment } from "../../gql/graphql";
import { useText } from "../../text/useText";
import { Personal } from "../../ui/Personal";
import { ActorLabel } from "../StaffLabel";

export function NotesSection({ notes }: { notes: readonly CaseNoteFragment[] }) {
  const { t } = useText();
  if (notes.length === 0) return <p>{t.notes.empty}</p>;
  return <NoteList notes={notes} />;
}

/** Newest first. */
export function NoteList({ notes }: { notes: readonly CaseNoteFragment[] }) {
  const { t, format } = useText();
  return (
    <ol className="entries">
      {notes.toReversed().map((note, at) => (
        <li key={`${note.at} ${at}`}>
          <p className="entry-head">
            <strong>{t.notes[note.kind]}</strong>
            {note.direction && <span> · {t.directions[note.direction]}</span>}
            <span className="quiet">
              {" "}
              · <time dateTime={note.at}>{format.time(note.at)}</time> · <ActorLabel actor={note.by} />
            </span>
          </p>
          <p className="prose">
            <Personal value={note.text} />
          </p>
        </li>
      ))}
    </ol>
  );
}
