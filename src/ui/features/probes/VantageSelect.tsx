import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { listVantages } from "#wire/probes";
import { serverVantage } from "#wire/probe-words";
import { useCall } from "#kit/call";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import { messages } from "./messages.ts";

export interface VantageSelectProps {
  readonly value: string;
  readonly onChange: (vantage: string) => void;
}

/** From where is probed: the server, or a host whose agent asks for probes. */
export function VantageSelect({ value, onChange }: VantageSelectProps) {
  const m = useMessages(messages);
  const call = useCall();
  const org = useOrganisation().name;
  const { data } = useQuery({
    queryKey: [org, "probe-vantages"],
    queryFn: ({ signal }) => call(listVantages, { params: { org } }, signal),
  });
  const known = data?.vantages ?? [{ vantage: serverVantage, name: "" }];
  const all = known.some(({ vantage }) => vantage === value) ? known : [...known, { vantage: value, name: value }];
  return (
    <Select
      label={m.from}
      value={value}
      onChange={(vantage) => onChange(vantage ?? serverVantage)}
      data={all.map(({ vantage, name }) => ({ value: vantage, label: vantage === serverVantage ? m.server : m.fromHost({ name }) }))}
      searchable
      allowDeselect={false}
      w="16rem"
    />
  );
}
