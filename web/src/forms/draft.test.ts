import { dropAllDrafts, hasDraft, keepDraft, readDraft } from "./draft";

const empty = { text: "", direction: "INCOMING" };

test("a draft comes back as it was left", () => {
  keepDraft("a", { text: "Hej", direction: "OUTGOING" });
  expect(readDraft("a", empty)).toEqual({ text: "Hej", direction: "OUTGOING" });
});

test("a draft of an older form fills only the fields that still exist", () => {
  keepDraft("a", { text: "Hej", gone: "x" });
  expect(readDraft("a", empty)).toEqual({ text: "Hej", direction: "INCOMING" });
});

test("a spoilt draft is no draft", () => {
  sessionStorage.setItem("skranke.draft.a", "{ikke json");
  expect(readDraft("a", empty)).toEqual(empty);
});

test("dropping all drafts leaves everything else alone", () => {
  keepDraft("a", { text: "Hej" });
  sessionStorage.setItem("other", "1");
  dropAllDrafts();
  expect(hasDraft("a")).toBe(false);
  expect(sessionStorage.getItem("other")).toBe("1");
});
