// Why a request brought no answer. Refusals by the rules are answers and are no failures.

export type FailureKind = "offline" | "session" | "no-access" | "too-many" | "fault";

export class Failure extends Error {
  override readonly name = "Failure";
  readonly kind: FailureKind;

  constructor(kind: FailureKind, message = "") {
    super(message);
    this.kind = kind;
  }
}

/** Whatever was thrown, as one of our kinds. */
export function failureOf(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown;
  return new Failure("fault", thrown instanceof Error ? thrown.message : "");
}
