import { QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { newQueryClient } from "../api/query";
import { App } from "../app/App";

/** The whole application at an address: the tests use it as a person does. */
export function open(address: string) {
  history.replaceState(null, "", address);
  const user = userEvent.setup();
  const view = render(
    <QueryClientProvider client={newQueryClient()}>
      <App />
    </QueryClientProvider>,
  );
  return { user, ...view };
}

/** What axe objects to; contrast needs a real browser. */
export async function objections(element: Element): Promise<string[]> {
  const { violations } = await axe.run(element, { rules: { "color-contrast": { enabled: false } } });
  return violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(" | ")}`);
}
