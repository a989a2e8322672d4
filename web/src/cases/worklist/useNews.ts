// Counts what has happened since a list was fetched. The list itself stays as it is until its reader asks.
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import type { Document } from "../../api/client";
import { useLive } from "../../api/live";

interface News {
  count: number;
  read: () => void;
}

export function useNews<R>(document: Document<R, Record<string, never>>): News {
  const client = useQueryClient();
  const [count, setCount] = useState(0);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);

  // The counters move nothing, so they may follow; but not more often than every other second.
  const recount = () => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      void client.invalidateQueries({ queryKey: ["counters"] });
    }, 2_000);
  };
  const news = () => {
    setCount((before) => before + 1);
    recount();
  };
  useLive(document, {}, { next: news, missed: news });
  return { count, read: () => setCount(0) };
}
