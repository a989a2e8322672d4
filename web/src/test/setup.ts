import "@testing-library/jest-dom/vitest";
import { cleanup, configure } from "@testing-library/react";
import { afterEach, beforeEach, vi } from "vitest";
import { speak } from "../text/lang";

// Patient enough for a busy machine.
configure({ asyncUtilTimeout: 5_000 });

// What the test's browser lacks.
HTMLDialogElement.prototype.showModal = function showModal(this: HTMLDialogElement) {
  this.setAttribute("open", "");
};
HTMLDialogElement.prototype.close = function close(this: HTMLDialogElement) {
  this.removeAttribute("open");
};
window.scrollTo = () => {};

// No test opens a line to a server: the live line has a double that tests speak through.
vi.mock("graphql-ws", () => import("./line"));

beforeEach(() => {
  history.replaceState(null, "", "/sager");
  sessionStorage.clear();
  localStorage.clear();
  speak("da");
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});
