// The double of the live line: tests push what a server would.
interface Sink {
  next: (value: { data: unknown }) => void;
}
interface Options {
  on: { connected: () => void; closed: (event: unknown) => void };
}

const sinks = new Set<{ query: string; sink: Sink }>();
let options: Options | undefined;

export function createClient(given: Options) {
  options = given;
  return {
    subscribe: ({ query }: { query: string }, sink: Sink) => {
      const entry = { query, sink };
      sinks.add(entry);
      return () => sinks.delete(entry);
    },
    dispose: () => {},
  };
}

/** What the server says on the subscription whose text contains `name`. */
export function push(name: string, data: unknown): void {
  for (const { query, sink } of sinks) if (query.includes(name)) sink.next({ data });
}
export function lose(): void {
  options?.on.closed({ code: 1006 });
}
export function connect(): void {
  options?.on.connected();
}
