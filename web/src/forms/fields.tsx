// The fields our forms are made of.
import type { ReactNode } from "react";
import { useField } from "./context";
import { type Common, Field, FieldError } from "./Field";

interface InputProps extends Common {
  type?: "text" | "password" | "date" | "search";
  autoComplete?: string;
  min?: string;
  width?: string;
}

export function Input({ name, label, hint, optional, value, onChange, type = "text", autoComplete = "off", min, width }: InputProps) {
  return (
    <Field name={name} label={label} hint={hint} optional={optional}>
      {(field, described) => (
        <input
          id={field.id}
          className={`form-input ${width ?? ""}`}
          type={type}
          autoComplete={autoComplete}
          min={min}
          value={value}
          aria-describedby={described}
          aria-invalid={field.refusal ? true : undefined}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}

export function TextArea({ name, label, hint, optional, value, onChange, rows = 4 }: Common & { rows?: number }) {
  return (
    <Field name={name} label={label} hint={hint} optional={optional}>
      {(field, described) => (
        <textarea
          id={field.id}
          className="form-input"
          rows={rows}
          value={value}
          aria-describedby={described}
          aria-invalid={field.refusal ? true : undefined}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}

interface SelectProps extends Common {
  children: ReactNode;
}

export function Select({ name, label, hint, optional, value, onChange, children }: SelectProps) {
  return (
    <Field name={name} label={label} hint={hint} optional={optional}>
      {(field, described) => (
        <select
          id={field.id}
          className="form-select"
          value={value}
          aria-describedby={described}
          aria-invalid={field.refusal ? true : undefined}
          onChange={(event) => onChange(event.target.value)}
        >
          {children}
        </select>
      )}
    </Field>
  );
}

interface RadioProps extends Common {
  options: readonly (readonly [string, string])[];
}

export function Radios({ name, label, hint, value, onChange, options }: RadioProps) {
  const field = useField(name);
  const described = [hint ? field.hintId : "", field.refusal ? field.errorId : ""].filter(Boolean).join(" ");
  return (
    <div className={field.refusal ? "form-group form-error" : "form-group"}>
      <fieldset aria-describedby={described || undefined}>
        <legend className="form-label">{label}</legend>
        {hint && (
          <span className="form-hint" id={field.hintId}>
            {hint}
          </span>
        )}
        <FieldError field={field} />
        {options.map(([key, text], at) => (
          <div className="form-group-radio" key={key}>
            <input
              className="form-radio"
              type="radio"
              id={at === 0 ? field.id : `${field.id}-${key}`}
              name={field.id}
              value={key}
              checked={value === key}
              onChange={() => onChange(key)}
            />
            <label htmlFor={at === 0 ? field.id : `${field.id}-${key}`}>{text}</label>
          </div>
        ))}
      </fieldset>
    </div>
  );
}

export function Checkbox({ name, label, hint, value, onChange }: Common) {
  const field = useField(name);
  const described = [hint ? field.hintId : "", field.refusal ? field.errorId : ""].filter(Boolean).join(" ");
  return (
    <div className={field.refusal ? "form-group form-error" : "form-group"}>
      <div className="form-group-checkbox">
        <input
          className="form-checkbox"
          type="checkbox"
          id={field.id}
          checked={value === YES}
          aria-describedby={described || undefined}
          aria-invalid={field.refusal ? true : undefined}
          onChange={(event) => onChange(event.target.checked ? YES : "")}
        />
        <label htmlFor={field.id}>{label}</label>
        {hint && (
          <span className="form-hint" id={field.hintId}>
            {hint}
          </span>
        )}
        <FieldError field={field} />
      </div>
    </div>
  );
}

/** What a ticked box is worth: all values of a form are texts, so that a draft can keep them. */
export const YES = "yes";
