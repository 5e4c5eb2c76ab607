import { expect, test } from "vitest";

const sources = import.meta.glob<string>("../**/*.tsx", { query: "?raw", import: "default", eager: true });
const styles = import.meta.glob("../../../node_modules/@mantine/core/styles/*.css");

const imported = Object.values(import.meta.glob<string>("./mantine-styles.ts", { query: "?raw", import: "default", eager: true })).join("");

const isStyled = (name: string): boolean => Object.keys(styles).some((path) => path.endsWith(`/${name}.css`));

test("every Mantine component in use brings its styles", () => {
  const imports = Object.values(sources).flatMap((text) => [...text.matchAll(/import \{([^}]*)\} from "@mantine\/core"/gu)]);
  const used = new Set(imports.flatMap(([, names = ""]) => names.split(",").map((name) => name.trim())));
  expect([...used].filter((name) => isStyled(name) && !imported.includes(`/${name}.css`))).toEqual([]);
  expect([...used].filter((name) => isStyled(name)).length).toBeGreaterThan(20);
});
