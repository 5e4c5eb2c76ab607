import type { Tx } from "#store";
import { defaultOtlpMapping, type OtlpMapping } from "#wire/otlp";

/** The organisation's mapping; the default while nobody changed it. */
export async function readOtlpMapping(tx: Tx): Promise<OtlpMapping> {
  const row = await tx.selectFrom("otlp_mapping").select("mapping").executeTakeFirst();
  return { ...defaultOtlpMapping, ...(row ? (JSON.parse(row.mapping) as Partial<OtlpMapping>) : {}) }; // written by `changeOtlpMapping` in this shape
}
