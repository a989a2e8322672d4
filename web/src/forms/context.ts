// What a field must know of the form it stands in: its refusals, and how ids are made.
import { createContext, useContext } from "react";
import type { RefusalPart } from "./refusal";

export interface FormState {
  id: string;
  refusals: readonly RefusalPart[];
}

export const FormContext = createContext<FormState>({ id: "form", refusals: [] });

export interface FieldState {
  id: string;
  errorId: string;
  hintId: string;
  refusal: RefusalPart | undefined;
}

/** The state of the field `name`; a refusal of `complaint` belongs to the first field below it. */
export function useField(name: string): FieldState {
  const form = useContext(FormContext);
  const id = fieldId(form.id, name);
  return {
    id,
    errorId: `${id}-error`,
    hintId: `${id}-hint`,
    refusal: form.refusals.find((refusal) => refusal.path === name),
  };
}

export function fieldId(form: string, name: string): string {
  return `${form}-${name.replaceAll(".", "-")}`;
}
