// Where to go around the log-in, and whether this tab had a session before.
const KEY = "skranke.signed-in";

/** The way to the log-in and back again. */
export function loginAddress(from: string, expired: boolean): string {
  const search = new URLSearchParams();
  if (from !== "/" && !from.startsWith("/log-ind")) search.set("next", from);
  if (expired) search.set("udloebet", "1");
  const text = search.toString();
  return text ? `/log-ind?${text}` : "/log-ind";
}

/** Only addresses of our own screens: a link from elsewhere shall not lead people away after the log-in. */
export function safeNext(next: string | null): string | undefined {
  return next && /^\/(sager|revision)(\/[^\\]*|\?[^\\]*)?$/.test(next) && !next.includes("//") ? next : undefined;
}

export function rememberSession(): void {
  sessionStorage.setItem(KEY, "1");
}
export function forgetSession(): void {
  sessionStorage.removeItem(KEY);
}
export function hadSession(): boolean {
  return sessionStorage.getItem(KEY) !== null;
}
