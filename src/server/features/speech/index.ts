export type { Speech } from "./speech.ts";
export { openSpeech } from "./open-speech.ts";
export { registerSpeech } from "./routes.ts";
export { namesOf } from "./names.ts";
