import { useText } from "../../text/useText";
import { Alert } from "../../ui/Alert";

/** Says that unsaved text from before is back, and offers to throw it away. */
export function RestoredNote({ onDiscard }: { onDiscard: () => void }) {
  const { t } = useText();
  return (
    <Alert kind="info">
      <p>
        {t.decision.restored}{" "}
        <button type="button" className="link-button" onClick={onDiscard}>
          {t.decision.discard}
        </button>
      </p>
    </Alert>
  );
}
