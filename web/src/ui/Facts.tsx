import type { ReactNode } from "react";

/** Labelled values. */
export function Facts({ children, wide = false }: { children: ReactNode; wide?: boolean }) {
  return <dl className={wide ? "facts facts-wide" : "facts"}>{children}</dl>;
}

export function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}
