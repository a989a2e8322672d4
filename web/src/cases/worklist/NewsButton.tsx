import { useText } from "../../text/useText";

/** Takes no room away from the list when it appears: its line is always there. */
export function NewsButton({ count, onShow }: { count: number; onShow: () => void }) {
  const { t } = useText();
  return (
    <div className="news" role="status">
      {count > 0 && (
        <button type="button" className="button button-secondary" onClick={onShow}>
          {t.worklist.news(count)}
        </button>
      )}
    </div>
  );
}
