// The one way to the server's GraphQL: a document in, its typed answer out, or a Failure.
import type { TypedDocumentString } from "../gql/graphql";
import { currentLang } from "../text/lang";
import { Failure, type FailureKind } from "./failure";
import { sessionLost } from "./lost";

interface Fault {
  message: string;
  extensions?: { code?: string };
}
interface Body<R> {
  data?: R | null;
  errors?: Fault[];
}

export type Document<R, V> = TypedDocumentString<R, V>;

export async function ask<R, V>(document: Document<R, V>, variables: V, signal?: AbortSignal): Promise<R> {
  const response = await reach("/graphql", { query: document.toString(), variables }, signal);
  const body = await bodyOf<R>(response);
  const fault = body?.errors?.[0];
  if (fault) throw failed(kindOf(fault.extensions?.code), fault.message);
  if (!response.ok || !body?.data) throw failed(kindOfStatus(response.status), "");
  return body.data;
}

/** A POST of JSON with the header that no foreign page can send. */
export async function reach(path: string, content: unknown, signal?: AbortSignal): Promise<Response> {
  try {
    return await fetch(path, {
      method: "POST",
      credentials: "same-origin",
      headers: { "content-type": "application/json", "x-skranke": "1", "accept-language": currentLang() },
      body: JSON.stringify(content),
      signal: signal ?? null,
    });
  } catch (thrown) {
    if (signal?.aborted) throw thrown;
    throw new Failure("offline");
  }
}

async function bodyOf<R>(response: Response): Promise<Body<R> | undefined> {
  try {
    const body: Body<R> = await response.json();
    return body;
  } catch {
    return undefined;
  }
}

function failed(kind: FailureKind, message: string): Failure {
  if (kind === "session") sessionLost();
  return new Failure(kind, message);
}

function kindOf(code: string | undefined): FailureKind {
  switch (code) {
    case "UNAUTHENTICATED":
      return "session";
    case "FORBIDDEN":
    case "NOT_ALLOWED":
      return "no-access";
    case "TOO_MANY_REQUESTS":
      return "too-many";
    default:
      return "fault";
  }
}

export function kindOfStatus(status: number): FailureKind {
  if (status === 401) return "session";
  if (status === 403) return "no-access";
  if (status === 429) return "too-many";
  return status === 502 || status === 503 || status === 504 ? "offline" : "fault";
}
