// The live line: one WebSocket for all subscriptions, and what to say about it on the screen.
import { type Client, createClient } from "graphql-ws";
import { useEffect, useEffectEvent, useSyncExternalStore } from "react";
import type { Document } from "./client";
import { sessionLost } from "./lost";

export type LineState = "idle" | "live" | "lost";

let state: LineState = "idle";
const watchers = new Set<() => void>();
const reconnected = new Set<() => void>();
let client: Client | undefined;

function set(next: LineState): void {
  if (next === state) return;
  const wasLost = state === "lost";
  state = next;
  for (const watcher of watchers) watcher();
  // Whatever happened meanwhile was missed: everything on screen is asked for again.
  if (wasLost && next === "live") for (const tell of reconnected) tell();
}

function line(): Client {
  client ??= createClient({
    url: `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/graphql/ws`,
    retryAttempts: Number.POSITIVE_INFINITY,
    retryWait: async (tries) => {
      await wait(Math.min(15_000, 500 * 2 ** tries) * (0.75 + Math.random() / 2));
      // A browser does not say why a line was not accepted; the session may be the reason.
      if (await sessionIsGone()) sessionLost();
    },
    shouldRetry: () => true,
    lazyCloseTimeout: 5_000,
    keepAlive: 12_000,
    on: {
      connected: () => set("live"),
      closed: (event) => {
        const code = codeOf(event);
        if (code === 4401 || code === 4403) sessionLost();
        set(code === 1000 ? "idle" : "lost");
      },
      error: () => set("lost"),
    },
  });
  return client;
}

/** Closes the line, so that the next one is opened with the cookie of whoever logs in then. */
export function hangUp(): void {
  void client?.dispose();
  client = undefined;
  set("idle");
}

async function sessionIsGone(): Promise<boolean> {
  try {
    return (await fetch("/api/session", { credentials: "same-origin" })).status === 401;
  } catch {
    return false;
  }
}

const wait = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));

function codeOf(event: unknown): number {
  return typeof event === "object" && event && "code" in event && typeof event.code === "number" ? event.code : 0;
}

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

export function useLineState(): LineState {
  return useSyncExternalStore(watch, () => state);
}

interface Listener<R> {
  next: (data: R) => void;
  /** The line was away for a while: something may have been missed. */
  missed: () => void;
}

/** Listens while the component is on screen. `variables` are compared by content. */
export function useLive<R, V extends Record<string, unknown>>(document: Document<R, V>, variables: V, listener: Listener<R>): void {
  const next = useEffectEvent(listener.next);
  const missed = useEffectEvent(listener.missed);
  const query = document.toString();
  const asked = JSON.stringify(variables);
  useEffect(() => {
    const tell = () => missed();
    reconnected.add(tell);
    const stop = line().subscribe<R>(
      { query, variables: JSON.parse(asked) },
      {
        next: ({ data }) => {
          if (data) next(data);
        },
        // A list of errors refuses this one subscription; anything else is the end of the line.
        error: (why) => {
          if (!Array.isArray(why)) set("lost");
        },
        complete: () => {},
      },
    );
    return () => {
      reconnected.delete(tell);
      stop();
    };
  }, [query, asked]);
}
