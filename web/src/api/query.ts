// Questions to the server, kept and shared between components by TanStack Query.
import { QueryClient, keepPreviousData, useQuery } from "@tanstack/react-query";
import { useText } from "../text/useText";
import { type Document, ask } from "./client";
import { failureOf } from "./failure";

export function newQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 15_000,
        // Nothing may move under the reader's eyes because a window got the focus.
        refetchOnWindowFocus: false,
        retry: (count, thrown) => count < 2 && failureOf(thrown).kind === "offline",
      },
    },
  });
}

interface Options {
  enabled?: boolean;
  /** Keep the last answer on screen while the next page comes. */
  keep?: boolean;
  /** Always ask anew when the screen opens. */
  fresh?: boolean;
}

/** `name` is what changes elsewhere refer to when they want this asked again. */
export function useAnswer<R, V extends object>(name: string, document: Document<R, V>, variables: V, options: Options = {}) {
  const { lang } = useText();
  return useQuery({
    queryKey: [name, variables, lang],
    queryFn: ({ signal }) => ask(document, variables, signal),
    enabled: options.enabled ?? true,
    ...(options.keep ? { placeholderData: keepPreviousData } : {}),
    ...(options.fresh ? { staleTime: 0, gcTime: 0 } : {}),
  });
}
