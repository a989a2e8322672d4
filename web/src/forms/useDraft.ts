import { useState } from "react";
import { type Values, dropDraft, hasDraft, keepDraft, readDraft } from "./draft";

export interface Draft<K extends string> {
  values: Values<K>;
  set: (name: K, value: string) => void;
  setAll: (values: Partial<Values<K>>) => void;
  /** Whether it was found again from before. */
  restored: boolean;
  /** Back to the beginning; nothing is kept. */
  discard: () => void;
  /** Done with it: nothing is kept. */
  drop: () => void;
}

/** The values of a form, kept for the tab under `key`. */
export function useDraft<K extends string>(key: string, initial: Values<K>): Draft<K> {
  const [start] = useState(initial);
  const [restored, setRestored] = useState(() => hasDraft(key));
  const [values, setValues] = useState(() => readDraft(key, start));
  const setAll = (changes: Partial<Values<K>>) => {
    const next = { ...values, ...changes };
    setValues(next);
    keepDraft(key, next);
  };
  return {
    values,
    restored,
    setAll,
    set: (name, value) => {
      const next = { ...values };
      next[name] = value;
      setAll(next);
    },
    discard: () => {
      dropDraft(key);
      setValues(start);
      setRestored(false);
    },
    drop: () => dropDraft(key),
  };
}
