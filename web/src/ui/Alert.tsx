import type { ReactNode } from "react";

interface Props {
  kind: "info" | "success" | "warning" | "error";
  heading?: string;
  children?: ReactNode;
  /** Read out at once. Only for what the reader has just caused. */
  urgent?: boolean;
}

export function Alert({ kind, heading, children, urgent = false }: Props) {
  return (
    <div className={`alert alert-${kind} plain-alert`} role={urgent ? "alert" : undefined}>
      {heading && <p className="alert-heading">{heading}</p>}
      {children && <div className="alert-text">{children}</div>}
    </div>
  );
}
