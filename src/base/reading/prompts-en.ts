import { sentencePrompts } from "./sentences.ts";

/** What is recorded in English and shipped, by name: how it is said. Names of words are the words themselves; digits and `n…` are numbers, `say:…` sentences. */

const counting =
  "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(
    " ",
  );
const tens = "twenty thirty forty fifty sixty seventy eighty ninety".split(" ");

const letters = "abcdefghijklmnopqrstuvwxyz".split("");

/** Words of alerts, and the small ones between them. */
const words =
  "alert alerts critical warning incident incidents resolved the an and of on in at to for from is are was has not no since ago you it all more by down up full failed error timeout expired certificate disk memory network server host service services database node system file usage used load average latency connection temperature percent seconds milliseconds minutes hours days per second megabytes gigabytes minus dot port number january february march april may june july august september october november december o'clock oh press call test hee-no-bahn".split(
    " ",
  );

/** Name → what the program is given. */
export const englishPrompts: ReadonlyMap<string, string> = new Map([
  ...counting.map((word, at) => [at < 10 ? String(at) : `n${at}`, word] as const),
  ...tens.map((word, at) => [`n${(at + 2) * 10}`, word] as const),
  ["n100", "hundred"] as const,
  ["n1000", "thousand"] as const,
  ["point", "point"] as const,
  // "A" alone would be the article.
  ...letters.map((letter) => [letter, letter === "a" ? "ay" : letter.toUpperCase()] as const),
  ...words.map((word) => [word, word] as const),
  ...sentencePrompts("en"),
]);
