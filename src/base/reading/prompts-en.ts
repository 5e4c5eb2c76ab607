/** What is recorded in English and shipped, by name: how it is said. Names of words are the words themselves; `n…` are numbers. */

const counting =
  "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(" ");
const tens = "twenty thirty forty fifty sixty seventy eighty ninety".split(" ");

const letters = "abcdefghijklmnopqrstuvwxyz".split("");

/** What calls say besides names, numbers and what an alert brings. Longer ones win over those that they contain. */
const phrases = [
  "this is",
  "to take it",
  "to take all of them",
  "if you cannot",
  "to hear it again",
  "to hear more",
  "for details",
  "please press",
  "please enter your pin",
  "enter your pin",
  "nobody answered",
  "the next person is called",
  "the next person will be called",
  "calling the next person",
  "is recorded as the responder",
  "you have taken it",
  "you are recorded as the responder",
  "has already taken it",
  "critical alert",
  "urgent alert",
  "that is not right",
  "this is a test call",
  "your verification code is",
  "there are no open incidents",
  "more alerts",
  "thank you",
  "good bye",
] as const;

const words =
  "hinoban hee-no-bahn alert alerts critical urgent warning warnings information incident incidents open resolved recovered taken by again details press enter the a an and or of on in at to for from is are was has have not no now since ago after before you your it all more other another everybody down up full failed failure error errors timeout unreachable restarted stopped expired expires certificate unknown disk memory cpu network server host hosts service services database cluster node file system usage use used free load average latency connection connections temperature percent point second seconds millisecond milliseconds minute minutes hour hours day days per byte bytes kilobytes megabytes gigabytes terabytes minus plus dot slash port number january february march april may june july august september october november december o'clock oh star pound hash key pin code digits call person next nobody will be called please thank test organisation customer".split(
    " ",
  );

/** Name → what the program is given. */
export const englishPrompts: ReadonlyMap<string, string> = new Map([
  ...counting.map((word, at) => [`n${at}`, word] as const),
  ...tens.map((word, at) => [`n${(at + 2) * 10}`, word] as const),
  ["n100", "hundred"] as const,
  ["n1000", "thousand"] as const,
  ["point", "point"] as const,
  // "A" alone would be the article.
  ...letters.map((letter) => [letter, letter === "a" ? "ay" : letter.toUpperCase()] as const),
  ...[...phrases, ...words].filter((word) => word.length > 1).map((word) => [word, word === "hinoban" ? "hee-no-bahn" : word] as const),
]);
