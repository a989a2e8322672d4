// Tells the application that the server no longer knows the session. What is typed stays in its drafts.
let listener: () => void = () => {};

export function onSessionLost(tell: () => void): void {
  listener = tell;
}
export function sessionLost(): void {
  listener();
}
