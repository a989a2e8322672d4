import { useId } from "react";
import { useText } from "../text/useText";
import type { AuditEvent } from "./AuditCasePage";

interface Props {
  events: readonly AuditEvent[];
  at: number;
  onGo: (to: number) => void;
}

/** Moves through the events: a slider for the long way, two buttons for the next step. */
export function Stepper({ events, at, onGo }: Props) {
  const { t } = useText();
  const id = useId();
  const sentence = t.audit.position(at + 1, events.length, events[at]?.title ?? "");
  return (
    <section className="stepper" aria-label={t.audit.move}>
      <label htmlFor={id} className="form-label">
        {t.audit.slider}
      </label>
      <input
        id={id}
        type="range"
        className="slider"
        min={1}
        max={events.length}
        value={at + 1}
        aria-valuetext={sentence}
        onChange={(event) => onGo(event.target.valueAsNumber - 1)}
      />
      <div className="stepper-buttons">
        <button type="button" className="button button-secondary" aria-disabled={at === 0} onClick={() => onGo(at - 1)}>
          {t.audit.previous}
        </button>
        <button type="button" className="button button-secondary" aria-disabled={at === events.length - 1} onClick={() => onGo(at + 1)}>
          {t.audit.next}
        </button>
        <output htmlFor={id}>{sentence}</output>
      </div>
    </section>
  );
}
