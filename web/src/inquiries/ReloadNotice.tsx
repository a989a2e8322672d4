import { useQueryClient } from "@tanstack/react-query";
import type { Outcome } from "../forms/useAct";
import { useText } from "../text/useText";
import { Alert } from "../ui/Alert";

/** Somebody else was faster with this inquiry. */
export function ReloadNotice({ outcome, reset }: { outcome: Outcome; reset: () => void }) {
  const { t } = useText();
  const client = useQueryClient();
  if (outcome.kind !== "conflict") return null;
  return (
    <Alert kind="warning" heading={t.acts.conflict} urgent>
      <p>{t.acts.conflictText}</p>
      <button
        type="button"
        className="button button-secondary"
        onClick={() => {
          void client.invalidateQueries({ queryKey: ["inquiry"] }).then(reset);
        }}
      >
        {t.acts.reload}
      </button>
    </Alert>
  );
}
