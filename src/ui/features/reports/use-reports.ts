import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { listCalendars } from "#wire/duty";
import { listMembers } from "#wire/identity";
import { listChannels } from "#wire/notify";
import { getReport, getReportFile, getReportSettings, listReports } from "#wire/reports";
import { useCall } from "#kit/call";
import { useFormat } from "#kit/format";
import { useOrganisation } from "#kit/session";

export const reportsPageSize = 50;

export function useReports(page: number) {
  const call = useCall();
  const org = useOrganisation().name;
  const query = { offset: (page - 1) * reportsPageSize, limit: reportsPageSize };
  return useQuery({
    queryKey: [org, "reports", query],
    queryFn: ({ signal }) => call(listReports, { params: { org }, query }, signal),
    placeholderData: keepPreviousData,
  });
}

/** A report in the words of the reader. */
export function useReport(id: string) {
  const call = useCall();
  const org = useOrganisation().name;
  const { language } = useFormat();
  return useQuery({
    queryKey: [org, "reports", id, language],
    queryFn: ({ signal }) => call(getReport, { params: { org, id }, query: { language } }, signal),
  });
}

export function useReportSettings() {
  const call = useCall();
  const org = useOrganisation().name;
  return useQuery({
    queryKey: [org, "reports", "settings"],
    queryFn: ({ signal }) => call(getReportSettings, { params: { org } }, signal),
  });
}

/** After an act on reports. */
export function useRefreshReports(): () => Promise<void> {
  const client = useQueryClient();
  const org = useOrganisation().name;
  return () => client.invalidateQueries({ queryKey: [org, "reports"] });
}

/** Who and what a report can be sent to, and calendars to choose from: value and label. */
export function useReportChoices() {
  const call = useCall();
  const org = useOrganisation().name;
  const people = useQuery({
    queryKey: [org, "people", "choices"],
    queryFn: ({ signal }) => call(listMembers, { params: { org }, query: { limit: 200, offset: 0 } }, signal),
  });
  const channels = useQuery({
    queryKey: [org, "channels"],
    queryFn: ({ signal }) => call(listChannels, { params: { org } }, signal),
  });
  const calendars = useQuery({
    queryKey: [org, "duty", "calendars"],
    queryFn: ({ signal }) => call(listCalendars, { params: { org } }, signal),
  });
  return {
    people: (people.data?.members ?? []).map(({ id, name }) => ({ value: id, label: name })),
    channels: (channels.data?.channels ?? []).map(({ id, name }) => ({ value: id, label: name })),
    calendars: (calendars.data?.calendars ?? []).map(({ id, name }) => ({ value: id, label: name })),
  };
}

/** Fetches a report as a file and hands it to the browser to save. */
export function useReportFile(id: string): (format: "pdf" | "html" | "csv") => Promise<void> {
  const call = useCall();
  const org = useOrganisation().name;
  const { language } = useFormat();
  return async (format) => {
    const { fileName, mediaType, content } = await call(getReportFile, { params: { org, id }, query: { format, language } });
    const bytes = Uint8Array.from(atob(content), (character) => character.charCodeAt(0));
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([bytes], { type: mediaType }));
    link.download = fileName;
    link.click();
    URL.revokeObjectURL(link.href);
  };
}
