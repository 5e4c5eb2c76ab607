import type { Language } from "#wire/shapes";
import { en } from "./en.ts";
import { ja } from "./ja.ts";
import type { Words } from "./shape.ts";

export const wordsOf: Readonly<Record<Language, Words>> = { en, ja };
