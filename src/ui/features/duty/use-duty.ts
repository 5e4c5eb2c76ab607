import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { addTime, days, minutes, unixMs } from "#base/duration";
import { dutyNow, getSchedule, listCalendars, listPersonShifts, listTeams } from "#wire/duty";
import { listMembers } from "#wire/identity";
import { listChannels } from "#wire/notify";
import { useCall } from "#kit/call";
import { useNow } from "#kit/clock";
import { makeFormat, useFormat, type Format } from "#kit/format";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import { editorMessages } from "./editor-messages.ts";

/** First parts of the key of every query about duty. */
export const useDutyKey = (): readonly [string, "duty"] => [useOrganisation().name, "duty"];

/** Asks everything about duty anew, after an act of one's own. */
export function useRefresh(): () => Promise<void> {
  const client = useQueryClient();
  const key = useDutyKey();
  return () => client.invalidateQueries({ queryKey: key });
}

export function useDutyNow() {
  const call = useCall();
  const org = useOrganisation().name;
  return useQuery({
    queryKey: [org, "duty", "now"],
    queryFn: ({ signal }) => call(dutyNow, { params: { org }, query: {} }, signal),
    refetchInterval: 60_000,
  });
}

export function useSchedule(id: string | undefined) {
  const call = useCall();
  const org = useOrganisation().name;
  return useQuery({
    queryKey: [org, "duty", "schedule", id],
    queryFn: ({ signal }) => call(getSchedule, { params: { org, id: id ?? "" } }, signal),
    enabled: id !== undefined,
  });
}

export interface Choice {
  readonly value: string;
  readonly label: string;
}

const chosen = (list: readonly { readonly id: string; readonly name: string }[]): Choice[] =>
  list.map(({ id, name }) => ({ value: id, label: name }));

/** Everybody who can be put on duty, for lists to choose from. */
export function usePeopleChoices(): Choice[] {
  const call = useCall();
  const org = useOrganisation().name;
  const { data } = useQuery({
    queryKey: [org, "people", "choices"],
    queryFn: ({ signal }) => call(listMembers, { params: { org }, query: { limit: 200 } }, signal),
    staleTime: 60_000,
  });
  return useMemo(() => chosen((data?.members ?? []).filter((member) => member.state === "active")), [data]);
}

export function useTeams() {
  const call = useCall();
  const org = useOrganisation().name;
  return useQuery({ queryKey: [org, "duty", "teams"], queryFn: ({ signal }) => call(listTeams, { params: { org } }, signal) });
}

/** What a calendar is called: those that come with the product in the reader's language. */
export function useCalendarName(): (calendar: { readonly id: string; readonly name: string }) => string {
  const m = useMessages(editorMessages);
  return ({ id, name }) => (id === "weekdays" ? m.weekdaysCalendar : id === "business-days" ? m.businessDays : name);
}

export function useCalendars() {
  const call = useCall();
  const org = useOrganisation().name;
  return useQuery({ queryKey: [org, "duty", "calendars"], queryFn: ({ signal }) => call(listCalendars, { params: { org } }, signal) });
}

export function useChannelChoices(): Choice[] {
  const call = useCall();
  const org = useOrganisation().name;
  const { data } = useQuery({
    queryKey: [org, "channels", "choices"],
    queryFn: ({ signal }) => call(listChannels, { params: { org } }, signal),
  });
  return useMemo(() => chosen(data?.channels ?? []), [data]);
}

/** Formats in a schedule's zone, which need not be the organisation's. */
export function useZoneFormat(timeZone: string | undefined): Format {
  const format = useFormat();
  const { language } = format;
  return useMemo(
    () => (timeZone === undefined || timeZone === format.timeZone ? format : makeFormat(language, timeZone)),
    [format, language, timeZone],
  );
}

/** One question holds for a quarter of an hour, so that the page does not ask at each tick. */
const quarter = minutes(15);

/** When somebody is on duty in the next 60 days, over all schedules. */
export function usePersonShifts(personId: string | undefined) {
  const call = useCall();
  const org = useOrganisation().name;
  const now = useNow(minutes(1));
  const from = unixMs(Math.floor(now / quarter) * quarter);
  const query = { from, to: addTime(from, days(60)) };
  return useQuery({
    queryKey: [org, "duty", "person", personId, query],
    queryFn: ({ signal }) => call(listPersonShifts, { params: { org, id: personId ?? "" }, query }, signal),
    enabled: personId !== undefined,
  });
}
