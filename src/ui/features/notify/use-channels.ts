import { useQuery, useQueryClient } from "@tanstack/react-query";
import { listMembers } from "#wire/identity";
import { listChannels, testChannel, type Channel } from "#wire/notify";
import { useCall } from "#kit/call";
import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import { useProblemText } from "#kit/problems";
import { useMay, useOrganisation } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { messages } from "./messages.ts";

export function useChannels() {
  const call = useCall();
  const org = useOrganisation().name;
  return useQuery({
    queryKey: [org, "channels"],
    queryFn: ({ signal }) => call(listChannels, { params: { org } }, signal),
  });
}

/** Names of the members by id; empty until they are known. */
export function useMemberNames(): ReadonlyMap<string, string> {
  const call = useCall();
  const org = useOrganisation().name;
  const { data } = useQuery({
    queryKey: [org, "members", "names"],
    queryFn: ({ signal }) => call(listMembers, { params: { org }, query: { limit: 200, offset: 0 } }, signal),
    enabled: useMay("member.view"),
  });
  return new Map((data?.members ?? []).map(({ id, name }) => [id, name]));
}

/** Sends a test and tells how it went. */
export function useTest(): (channel: Channel) => Promise<void> {
  const m = useMessages(messages);
  const call = useCall();
  const client = useQueryClient();
  const toasts = useToasts();
  const format = useFormat();
  const problemText = useProblemText();
  const org = useOrganisation().name;
  return async ({ id, name }) => {
    try {
      const { ok, problem = "", millis } = await call(testChannel, { params: { org, id } });
      if (ok) toasts.show({ text: m.tested({ name, millis: format.count(millis) }) });
      else toasts.show({ kind: "problem", text: m.testFailed({ name, problem }) });
    } catch (error) {
      toasts.show({ kind: "problem", text: problemText(error) });
    }
    await client.invalidateQueries({ queryKey: [org, "channels"] });
    await client.invalidateQueries({ queryKey: [org, "deliveries"] });
  };
}
