import { match, withSearch } from "./router";

test("an address gives the names in it", () => {
  expect(match("/sager/sag/:id", "/sager/sag/a%2Fb")).toEqual({ id: "a/b" });
  expect(match("/sager/sag/:id", "/sager/sag/1/")).toEqual({ id: "1" });
  expect(match("/sager/sag/:id", "/sager")).toBeUndefined();
});

test("parameters are changed one by one, and an empty one goes away", () => {
  const search = new URLSearchParams("kun=mine&efter=x");
  expect(withSearch(search, { efter: "", nr: "S2026" }, "/sager")).toBe("/sager?kun=mine&nr=S2026");
  expect(withSearch(search, { kun: "", efter: "" }, "/sager")).toBe("/sager");
});
