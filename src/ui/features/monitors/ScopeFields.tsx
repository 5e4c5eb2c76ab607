import { MultiSelect } from "@mantine/core";
import { useMessages } from "#kit/messages";
import { roleNamesOf, useServices } from "../inventory/use-services.ts";
import { editorMessages } from "./editor-messages.ts";
import type { MonitorForm } from "./inputs.tsx";

interface ScopesProps {
  readonly form: MonitorForm;
  readonly name: "scopes" | "excludeScopes";
  readonly label: string;
  readonly hint?: string;
  readonly onlyRoles?: boolean;
}

/** Services and roles to choose from; what was chosen stays among them though it may be gone. */
function Scopes({ form, name, label, hint, onlyRoles = false }: ScopesProps) {
  const services = useServices() ?? [];
  const { value, error, onBlur } = form.field(name);
  const roles = roleNamesOf(services).map((role) => role.replace(":", ": "));
  const names = [...(onlyRoles ? [] : services.map((service) => service.name)), ...roles];
  const unspaced = (text: string): string => text.replace(/:\s+/u, ":");
  const offered = new Map([...names, ...value].map((text) => [unspaced(text), text]));
  return (
    <MultiSelect
      name={name}
      label={label}
      {...(hint === undefined ? {} : { description: hint })}
      value={[...value]}
      error={error}
      onBlur={onBlur}
      data={[...new Set(offered.values())].toSorted()}
      onChange={(chosen) => form.set(name, chosen)}
      searchable
      clearable
    />
  );
}

/** Which hosts a rule is about. */
export function ScopeFields({ form, withoutExcluded = false }: { readonly form: MonitorForm; readonly withoutExcluded?: boolean }) {
  const m = useMessages(editorMessages);
  if (withoutExcluded) return <Scopes form={form} name="scopes" label={m.roles} onlyRoles />;
  return (
    <>
      <Scopes form={form} name="scopes" label={m.scopes} hint={m.scopesHint} />
      <Scopes form={form} name="excludeScopes" label={m.excludeScopes} />
    </>
  );
}
