/** Why something was not done, as a rule or the form itself says it. */
export interface RefusalPart {
  code: string;
  message: string;
  statute: string | null;
  path: string;
}
