import { screen, waitFor } from "@testing-library/react";
import { counters, viewer, worklist } from "../test/fixtures";
import { objections, open } from "../test/render";
import { Status, serve } from "../test/server";
import { rememberSession, safeNext } from "./where";

const municipalities = [
  { code: "0101", name: "København" },
  { code: "0190", name: "Furesø" },
];
const closed = new Status(401, {
  code: "UNAUTHENTICATED",
  municipalities,
  demo: true,
  demoPassword: "skranke-demo",
  demoUsers: [{ municipality: "0190", login: "kari", name: "Kari Holm", roles: ["CASEWORKER"] }],
});

function door() {
  let inside = false;
  const server = serve({
    "/api/session": () => (inside ? { municipality: municipalities[1], demo: true, municipalities } : closed),
    "/api/login": () => {
      inside = true;
      return {};
    },
    Viewer: () => (inside ? viewer() : new Status(401, {})),
    Counters: () => counters,
    Worklist: () => worklist([]),
  });
  return server;
}

test("somebody without a session is asked to log in, and comes back to where they wanted to go", async () => {
  const server = door();
  const { user } = open("/sager?kun=mine");
  await screen.findByRole("heading", { name: "Log ind" });
  expect(screen.queryByText("Din session er udløbet")).not.toBeInTheDocument();

  await user.selectOptions(await screen.findByLabelText("Kommune"), "Furesø");
  await user.type(screen.getByLabelText("Brugernavn"), "kari");
  await user.type(screen.getByLabelText("Adgangskode"), "hemmelig");
  await user.click(screen.getByRole("button", { name: "Log ind" }));

  await screen.findByRole("heading", { name: "Mit arbejde" });
  expect(server.last("/api/login")).toEqual({ municipality: "0190", login: "kari", password: "hemmelig" });
  expect(location.pathname + location.search).toBe("/sager?kun=mine");
});

test("an expired session says so", async () => {
  door();
  rememberSession();
  open("/sager");
  expect(await screen.findByText("Din session er udløbet")).toBeVisible();
});

test("a wrong password is answered in the server's words, and the user name stays", async () => {
  const server = door();
  server.on("/api/login", () => new Status(401, { code: "UNAUTHENTICATED", message: "Adgangskoden passer ikke." }));
  const { user } = open("/log-ind");
  await user.selectOptions(await screen.findByLabelText("Kommune"), "Furesø");
  await user.type(screen.getByLabelText("Brugernavn"), "kari");
  await user.type(screen.getByLabelText("Adgangskode"), "forkert");
  await user.click(screen.getByRole("button", { name: "Log ind" }));
  expect(await screen.findByText("Adgangskoden passer ikke.")).toBeVisible();
  expect(screen.getByLabelText("Brugernavn")).toHaveValue("kari");
});

test("empty fields are named before anything is sent", async () => {
  const server = door();
  const { user } = open("/log-ind");
  await user.click(await screen.findByRole("button", { name: "Log ind" }));
  expect(screen.getByLabelText("Kommune")).toHaveAccessibleDescription("Vælg din kommune.");
  expect(screen.getByLabelText("Brugernavn")).toHaveAccessibleDescription("Skriv dit brugernavn.");
  expect(screen.getByRole("alert")).not.toHaveTextContent("her stadig");
  expect(server.times("/api/login")).toBe(0);
});

test("where the municipality has a log-in of its own, it comes first, and what is for accounts here says so", async () => {
  const server = door();
  server.on("/api/session", () => new Status(401, { municipalities, passwords: true, provider: "Furesø login" }));
  const { container } = open("/log-ind?next=%2Frevision");
  const link = await screen.findByRole("link", { name: "Log ind med Furesø login" });
  expect(link).toHaveAttribute("href", "/api/oidc/login?next=%2Frevision");
  expect(screen.getByRole("heading", { name: "Med en konto i Skranke" })).toBeVisible();
  expect(screen.getByLabelText("Adgangskode")).toBeVisible();
  expect(await objections(container)).toEqual([]);
});

test("where nobody has a password here, none is asked for", async () => {
  const server = door();
  server.on("/api/session", () => new Status(401, { municipalities, passwords: false, provider: "Furesø login" }));
  open("/log-ind");
  await screen.findByRole("link", { name: "Log ind med Furesø login" });
  expect(screen.queryByLabelText("Adgangskode")).not.toBeInTheDocument();
});

test("a demo offers its invented staff", async () => {
  const server = door();
  const { user } = open("/log-ind");
  await user.click(await screen.findByRole("button", { name: "Log ind som Kari Holm" }));
  await waitFor(() => expect(server.last("/api/login")).toEqual({ municipality: "0190", login: "kari", password: "skranke-demo" }));
});

test("the log-in has no flaws that axe can see, in either language", async () => {
  door();
  const { user, container } = open("/log-ind");
  await screen.findByLabelText("Kommune");
  expect(await objections(container)).toEqual([]);
  await user.click(screen.getByRole("button", { name: "English" }));
  expect(await screen.findByLabelText("Municipality")).toBeVisible();
  expect(document.documentElement.lang).toBe("en");
});

test("after the log-in nobody is led away from our own screens", () => {
  expect(safeNext("/sager/sag/1?vis=notater")).toBe("/sager/sag/1?vis=notater");
  expect(safeNext("/revision")).toBe("/revision");
  for (const trap of ["//evil.example", "https://evil.example", "/sager//evil.example", "/sagere", "/\\evil.example", null]) {
    expect(safeNext(trap)).toBeUndefined();
  }
});
