export type { NamedThings, Speech, TextReading } from "./speech.ts";
