import { load } from "../load.mjs";

export const name = "openapi";

export async function outputs() {
  const { describeApi } = await load("src/server/openapi.ts");
  return { "docs/reference/openapi.json": `${JSON.stringify(await describeApi(), null, 2)}\n` };
}
