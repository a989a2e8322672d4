// Dates and times as people read them; time is always Danish time.
import type { Lang } from "./lang";

const timeZone = "Europe/Copenhagen";

export interface Formats {
  /** A calendar date, `2026-11-02`. */
  date: (day: string) => string;
  /** An instant with the time of day. */
  time: (instant: string) => string;
  /** An instant to the second, for auditors. */
  exact: (instant: string) => string;
  number: (value: number) => string;
}

function build(locale: string): Formats {
  const day = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
  const at = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short", timeZone });
  const exactly = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "medium", timeZone });
  const number = new Intl.NumberFormat(locale);
  return {
    date: (text) => orText(day, text),
    time: (text) => orText(at, text),
    exact: (text) => orText(exactly, text),
    number: (value) => number.format(value),
  };
}

function orText(format: Intl.DateTimeFormat, text: string): string {
  const date = new Date(text);
  return Number.isNaN(date.valueOf()) ? text : format.format(date);
}

export const formats: Record<Lang, Formats> = { da: build("da-DK"), en: build("en-GB") };

const iso = new Intl.DateTimeFormat("sv-SE", { timeZone });

/** Today in Copenhagen, as `2026-11-02`. */
export function today(now = new Date()): string {
  return iso.format(now);
}

/** The Sunday of the week that `day` is in. */
export function endOfWeek(day: string): string {
  const date = new Date(`${day}T12:00:00Z`);
  return addDays(day, (7 - date.getUTCDay()) % 7);
}

export function addDays(day: string, days: number): string {
  const date = new Date(`${day}T12:00:00Z`);
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
}
