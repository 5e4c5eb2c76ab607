import { Group, Select, UnstyledButton } from "@mantine/core";
import { hostStatuses, type HostStatus, type listHosts } from "#wire/inventory";
import type { ResponseOf } from "#wire/contract";
import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import { useStatusNames } from "#kit/statuses";
import { SearchField } from "../../kit/SearchField.tsx";
import classes from "./HostFilters.module.css";
import type { HostsSearch } from "./hosts-search.ts";
import { messages } from "./messages.ts";
import { useServices } from "./use-services.ts";

export interface HostFiltersProps {
  readonly search: HostsSearch;
  readonly counts: ResponseOf<typeof listHosts>["counts"] | undefined;
  /** Changes a part of the search; the list starts at its first page again. */
  readonly onChange: (change: Partial<HostsSearch>) => void;
}

/** What narrows the host list down: text, service or role, status with how many hosts are in each. */
export function HostFilters({ search, counts, onChange }: HostFiltersProps) {
  const m = useMessages(messages);
  const statusNames = useStatusNames();
  const chosen = search.status ?? [];
  const isAll = chosen.length === 0 && search.retired === undefined && search.connectivity === undefined;
  const present = counts ? hostStatuses.reduce((sum, status) => sum + counts[status], 0) : undefined;
  const toggle = (status: HostStatus): void => {
    const next = chosen.includes(status) ? chosen.filter((one) => one !== status) : [...chosen, status];
    onChange({
      status: next.length === 0 || next.length === hostStatuses.length ? undefined : next,
      retired: undefined,
      connectivity: undefined,
    });
  };
  return (
    <>
      <Group gap="sm" mb="sm" wrap="wrap">
        <SearchField
          label={m.searchHosts}
          value={search.text ?? ""}
          onChange={(text) => onChange({ text: text === "" ? undefined : text })}
          mb="0"
        />
        <RoleFilter search={search} onChange={onChange} />
      </Group>
      <Group gap={6} mb="sm" role="group" aria-label={m.filterStatus}>
        <StatusButton label={m.all} count={present} isOn={isAll} onClick={() => onChange(none)} />
        {hostStatuses.map((status) => (
          <StatusButton
            key={status}
            label={statusNames[status]}
            count={counts?.[status]}
            isOn={search.retired === undefined && chosen.includes(status)}
            onClick={() => toggle(status)}
          />
        ))}
        <StatusButton
          label={m.silent}
          count={counts?.silent}
          isOn={search.connectivity === "silent"}
          onClick={() => onChange({ ...none, connectivity: search.connectivity === "silent" ? undefined : "silent" })}
        />
        <StatusButton
          label={m.retired}
          count={counts?.retired}
          isOn={search.retired === "only"}
          onClick={() => onChange({ ...none, retired: search.retired === "only" ? undefined : "only" })}
        />
      </Group>
    </>
  );
}

const none = { status: undefined, retired: undefined, connectivity: undefined } as const;

interface StatusButtonProps {
  readonly label: string;
  readonly count: number | undefined;
  readonly isOn: boolean;
  readonly onClick: () => void;
}

function StatusButton({ label, count, isOn, onClick }: StatusButtonProps) {
  const format = useFormat();
  return (
    <UnstyledButton className={classes.status} aria-pressed={isOn} onClick={onClick}>
      {label}
      {count !== undefined && <span className={classes.count}>{format.count(count)}</span>}
    </UnstyledButton>
  );
}

function RoleFilter({ search, onChange }: Pick<HostFiltersProps, "search" | "onChange">) {
  const m = useMessages(messages);
  const services = useServices() ?? [];
  const value = search.service === undefined ? null : search.role === undefined ? search.service : `${search.service}:${search.role}`;
  const known = services.flatMap((service) => [service.name, ...service.roles.map((role) => `${service.name}:${role.name}`)]);
  const data = value === null || known.includes(value) ? known : [value, ...known];
  if (data.length === 0) return undefined;
  return (
    <Select
      aria-label={m.filterRole}
      placeholder={m.anyRole}
      data={data.map((name) => ({ value: name, label: name.replace(":", ": ") }))}
      value={value}
      searchable
      clearable
      clearButtonProps={{ "aria-label": m.anyRole }}
      limit={100}
      maw="18rem"
      onChange={(name) => {
        const [service, role] = name?.split(":") ?? [];
        onChange({ service, role });
      }}
    />
  );
}
