import { previewSpeech } from "#wire/speech";
import { useCall } from "#kit/call";
import { useOrganisation } from "#kit/session";

/** Fetches the sound of a text, a WAV file in base64. */
export function useHearing(): (text: string, language: "en" | "ja") => Promise<string> {
  const call = useCall();
  const org = useOrganisation().name;
  return async (text, language) => (await call(previewSpeech, { params: { org }, body: { text, language } })).audio;
}
