// A labelled field with its hint and its refusal, in the design system's classes.
import type { ReactNode } from "react";
import { useText } from "../text/useText";
import { type FieldState, useField } from "./context";

export interface Common {
  name: string;
  label: string;
  hint?: string;
  optional?: boolean;
  value: string;
  onChange: (value: string) => void;
}

interface Props {
  name: string;
  label: string;
  hint?: string | undefined;
  optional?: boolean | undefined;
  children: (field: FieldState, described: string | undefined) => ReactNode;
}

export function Field({ name, label, hint, optional = false, children }: Props) {
  const { t } = useText();
  const field = useField(name);
  const described = [hint ? field.hintId : "", field.refusal ? field.errorId : ""].filter(Boolean).join(" ");
  return (
    <div className={field.refusal ? "form-group form-error" : "form-group"}>
      <label className="form-label" htmlFor={field.id}>
        {label}
        {optional && <span className="weight-normal"> {t.app.optional}</span>}
      </label>
      {hint && (
        <span className="form-hint" id={field.hintId}>
          {hint}
        </span>
      )}
      <FieldError field={field} />
      {children(field, described || undefined)}
    </div>
  );
}

export function FieldError({ field }: { field: FieldState }) {
  if (!field.refusal) return null;
  return (
    <span className="form-error-message" id={field.errorId}>
      {field.refusal.message}
    </span>
  );
}
