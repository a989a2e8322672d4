// The double of the server: answers by the name of the operation, and remembers what it was asked.
import { vi } from "vitest";

type Variables = Record<string, unknown>;
type Answer = (variables: Variables) => unknown;

export interface Asked {
  operation: string;
  variables: Variables;
}

export interface Server {
  asked: Asked[];
  on: (operation: string, answer: Answer) => void;
  /** The variables of the last time that `operation` was asked. */
  last: (operation: string) => Variables | undefined;
  times: (operation: string) => number;
}

/** An answer of an unusual kind. */
export class Status {
  constructor(
    readonly status: number,
    readonly body: unknown = {},
  ) {}
}

export function serve(answers: Record<string, Answer>): Server {
  const table = new Map(Object.entries(answers));
  const asked: Asked[] = [];
  vi.stubGlobal("fetch", async (path: string, init?: RequestInit) => {
    const body = typeof init?.body === "string" ? parse(init.body) : {};
    const operation = path === "/graphql" ? nameOf(String(body["query"])) : path;
    const variables = path === "/graphql" ? parse(JSON.stringify(body["variables"])) : body;
    asked.push({ operation, variables });
    const answer = table.get(operation);
    if (!answer) throw new Error(`the test's server does not know ${operation}`);
    const said = answer(variables);
    if (said instanceof Status) return new Response(JSON.stringify(said.body), { status: said.status });
    return new Response(JSON.stringify(path === "/graphql" ? { data: said } : said));
  });
  return {
    asked,
    on: (operation, answer) => table.set(operation, answer),
    last: (operation) => asked.findLast((one) => one.operation === operation)?.variables,
    times: (operation) => asked.filter((one) => one.operation === operation).length,
  };
}

function parse(text: string): Variables {
  const value: Variables = JSON.parse(text);
  return value;
}

function nameOf(query: string): string {
  return /(?:query|mutation)\s+(\w+)/.exec(query)?.[1] ?? "";
}
