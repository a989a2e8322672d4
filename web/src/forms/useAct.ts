// Carrying out one act: one mutation with one idempotency key for as long as its form is open.
import { useRef, useState } from "react";
import { type Document, ask } from "../api/client";
import { type Failure, failureOf } from "../api/failure";
import type { RefusalPart } from "./refusal";
import { newKey } from "../ui/oneOf";

interface Refused extends RefusalPart {
  __typename: "Refused";
}
interface Conflict extends RefusalPart {
  __typename: "Conflict";
  currentRevision: number | null;
}
interface Tagged {
  __typename: string;
}

export type Outcome =
  | { kind: "idle" }
  | { kind: "sending" }
  | { kind: "refused"; refusals: RefusalPart[] }
  | { kind: "conflict" }
  | { kind: "failed"; failure: Failure };

export interface Act<I> {
  outcome: Outcome;
  /** `build` gets the idempotency key, which stays the same until the form is closed. */
  send: (build: (idempotencyKey: string) => I) => Promise<void>;
  /** Says no before the server is asked, and looks as if the server had. */
  refuse: (refusals: RefusalPart[]) => void;
  reset: () => void;
}

export function useAct<I, D extends Tagged>(
  document: Document<{ result: D | Refused | Conflict }, { input: I }>,
  onDone: (done: D) => void,
): Act<I> {
  const [outcome, setOutcome] = useState<Outcome>({ kind: "idle" });
  const key = useRef(newKey());
  const sending = useRef(false);

  async function send(build: (idempotencyKey: string) => I): Promise<void> {
    if (sending.current) return;
    sending.current = true;
    setOutcome({ kind: "sending" });
    try {
      const { result } = await ask(document, { input: build(key.current) });
      if (isRefused(result)) setOutcome({ kind: "refused", refusals: [result] });
      else if (isConflict(result)) setOutcome({ kind: "conflict" });
      else onDone(result);
    } catch (thrown) {
      setOutcome({ kind: "failed", failure: failureOf(thrown) });
    } finally {
      sending.current = false;
    }
  }

  return {
    outcome,
    send,
    refuse: (refusals) => setOutcome({ kind: "refused", refusals }),
    reset: () => setOutcome({ kind: "idle" }),
  };
}

function isRefused<D extends Tagged>(result: D | Refused | Conflict): result is Refused {
  return result.__typename === "Refused";
}
function isConflict<D extends Tagged>(result: D | Refused | Conflict): result is Conflict {
  return result.__typename === "Conflict";
}
