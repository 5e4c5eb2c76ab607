import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getMyNotifications } from "#wire/notify-people";
import { callMe } from "#wire/calls";
import { getCallSettings, listLines } from "#wire/lines";
import { useCall } from "#kit/call";
import { useMessages } from "#kit/messages";
import { useProblemText } from "#kit/problems";
import { useOrganisation } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { messages } from "./messages.ts";

export function useLines() {
  const call = useCall();
  const org = useOrganisation().name;
  return useQuery({ queryKey: [org, "lines"], queryFn: ({ signal }) => call(listLines, { params: { org } }, signal) });
}

export function useCallSettings() {
  const call = useCall();
  const org = useOrganisation().name;
  return useQuery({ queryKey: [org, "call-settings"], queryFn: ({ signal }) => call(getCallSettings, { params: { org } }, signal) });
}

/** Whether somebody has a telephone number of their own here; undefined until it is known. */
export function useHasNumber(): boolean | undefined {
  const call = useCall();
  const org = useOrganisation().name;
  const { data } = useQuery({
    queryKey: [org, "my-notifications"],
    queryFn: ({ signal }) => call(getMyNotifications, { params: { org } }, signal),
  });
  return data && data.contacts.some(({ kind }) => kind === "phone");
}

/** Has the reader called at their own number. */
export function useCallMe(): (lineId?: string) => Promise<void> {
  const m = useMessages(messages);
  const call = useCall();
  const client = useQueryClient();
  const toasts = useToasts();
  const problemText = useProblemText();
  const org = useOrganisation().name;
  return async (lineId) => {
    try {
      await call(callMe, { params: { org }, body: lineId === undefined ? {} : { lineId } });
      toasts.show({ text: m.calling });
    } catch (error) {
      toasts.show({ kind: "problem", text: problemText(error) });
    }
    await client.invalidateQueries({ queryKey: [org, "calls"] });
  };
}
