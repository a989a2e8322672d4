// The three addresses around the session, which are no GraphQL: they are needed before there is a session.
import { Failure } from "../api/failure";
import { kindOfStatus, reach } from "../api/client";

export interface MunicipalityChoice {
  code: string;
  name: string;
}
export interface DemoUser {
  municipality: string;
  login: string;
  name: string;
  roles: string[];
}
export interface Door {
  /** Whether somebody is logged in already. */
  open: boolean;
  demo: boolean;
  municipalities: MunicipalityChoice[];
  demoUsers: DemoUser[];
  demoPassword: string;
  /** Whether people log in with a password here. */
  passwords: boolean;
  /** What the identity provider is called, if people log in through one. */
  provider?: string;
}

interface SessionBody {
  demo?: boolean;
  municipalities?: MunicipalityChoice[];
  demoUsers?: DemoUser[];
  demoPassword?: string;
  passwords?: boolean;
  provider?: string | null;
}

export async function door(signal?: AbortSignal): Promise<Door> {
  const response = await get("/api/session", signal);
  if (!response.ok && response.status !== 401) throw new Failure(kindOfStatus(response.status));
  const body: SessionBody = await response.json();
  return {
    open: response.ok,
    demo: body.demo ?? false,
    municipalities: body.municipalities ?? [],
    demoUsers: body.demoUsers ?? [],
    demoPassword: body.demoPassword ?? "",
    passwords: body.passwords ?? true,
    ...(body.provider ? { provider: body.provider } : {}),
  };
}

export type LoginAnswer = { kind: "in" } | { kind: "refused"; message: string } | { kind: "too-many" };

export async function logIn(who: { municipality: string; login: string; password: string }): Promise<LoginAnswer> {
  const response = await reach("/api/login", who);
  if (response.ok) return { kind: "in" };
  if (response.status === 429) return { kind: "too-many" };
  if (response.status >= 500) throw new Failure(kindOfStatus(response.status));
  return { kind: "refused", message: await messageOf(response) };
}

/** Ends the session, and answers where to go on to log out at the identity provider as well. */
export async function logOut(): Promise<string | undefined> {
  const response = await reach("/api/logout", {});
  if (response.status !== 200) return undefined;
  const body: { continueAt?: string } = await response.json();
  return body.continueAt;
}

/** The way to the identity provider, and back to where somebody wanted to go. */
export function providerAddress(next: string): string {
  return `/api/oidc/login?${new URLSearchParams({ next }).toString()}`;
}

async function get(path: string, signal?: AbortSignal): Promise<Response> {
  try {
    return await fetch(path, { credentials: "same-origin", signal: signal ?? null });
  } catch (thrown) {
    if (signal?.aborted) throw thrown;
    throw new Failure("offline");
  }
}

async function messageOf(response: Response): Promise<string> {
  try {
    const body: { message?: string } = await response.json();
    return body.message ?? "";
  } catch {
    return "";
  }
}
