import { ActionIcon, Button, Group, Select, Textarea, TextInput } from "@mantine/core";
import { IconPencil, IconPlus, IconTrash, IconUsersGroup } from "@tabler/icons-react";
import { useState } from "react";
import { changeTeam, createTeam, deleteTeam, TeamInput, type Team } from "#wire/duty";
import { useCall } from "#kit/call";
import { useDialogForm } from "#kit/dialog-form";
import { useMessages } from "#kit/messages";
import { useMay, useOrganisation } from "#kit/session";
import type { Column } from "#kit/table-model";
import { useToasts } from "#kit/toasts";
import { ConfirmDialog } from "../../kit/ConfirmDialog.tsx";
import { DataTable } from "../../kit/DataTable.tsx";
import { EmptyState } from "../../kit/EmptyState.tsx";
import { FormDialog } from "../../kit/FormDialog.tsx";
import { PageHeader } from "../../kit/PageHeader.tsx";
import { editorMessages } from "./editor-messages.ts";
import { messages } from "./messages.ts";
import { PeopleOrder } from "./PeopleOrder.tsx";
import { usePeopleChoices, useRefresh, useTeams } from "./use-duty.ts";

/** All teams with their members. */
export function TeamsPage() {
  const m = useMessages(editorMessages);
  const mayChange = useMay("duty.change");
  const { data, error, refetch } = useTeams();
  const [editing, setEditing] = useState<Team | "new">();
  const [deleting, setDeleting] = useState<Team>();
  const columns = useColumns(mayChange ? { onEdit: setEditing, onDelete: setDeleting } : undefined);
  const createButton = mayChange && (
    <Button leftSection={<IconPlus aria-hidden size={18} />} onClick={() => setEditing("new")}>
      {m.createTeam}
    </Button>
  );
  return (
    <>
      <PageHeader title={m.teams} intro={m.teamsIntro}>
        {data !== undefined && data.teams.length > 0 && createButton}
      </PageHeader>
      <DataTable
        caption={m.teams}
        columns={columns}
        rows={data?.teams}
        rowKey={(team) => team.id}
        error={error}
        onRetry={() => void refetch()}
        empty={
          <EmptyState title={m.noTeams} hint={m.noTeamsHint} icon={<IconUsersGroup aria-hidden size={36} />}>
            {createButton}
          </EmptyState>
        }
      />
      {editing && <TeamDialog team={editing === "new" ? undefined : editing} onClose={() => setEditing(undefined)} />}
      {deleting && <DeleteTeamDialog team={deleting} onClose={() => setDeleting(undefined)} />}
    </>
  );
}

interface Acts {
  readonly onEdit: (team: Team) => void;
  readonly onDelete: (team: Team) => void;
}

function useColumns(acts: Acts | undefined): readonly Column<Team>[] {
  const m = useMessages(editorMessages);
  const duty = useMessages(messages);
  const nameOf = ({ name, state }: Team["members"][number]): string =>
    state === "active" ? name : `${name} (${state === "left" ? duty.left : duty.suspended})`;
  return [
    { key: "name", header: m.name, isRowHeader: true, cell: (team) => team.name, sortValue: (team) => team.name },
    { key: "lead", header: m.lead, cell: (team) => team.members.find((member) => member.id === team.leadId)?.name ?? "" },
    { key: "members", header: m.members, cell: (team) => team.members.map(nameOf).join(", ") },
    { key: "memo", header: m.memo, cell: (team) => team.memo },
    ...(acts
      ? [
          {
            key: "acts",
            header: m.edit,
            isHeaderHidden: true,
            cell: (team: Team) => (
              <Group gap={4} wrap="nowrap" justify="flex-end">
                <ActionIcon variant="subtle" color="gray" aria-label={m.editOf({ name: team.name })} onClick={() => acts.onEdit(team)}>
                  <IconPencil aria-hidden size={16} />
                </ActionIcon>
                <ActionIcon variant="subtle" color="gray" aria-label={m.deleteOf({ name: team.name })} onClick={() => acts.onDelete(team)}>
                  <IconTrash aria-hidden size={16} />
                </ActionIcon>
              </Group>
            ),
          },
        ]
      : []),
  ];
}

interface TeamValues {
  name: string;
  memo: string;
  leadId: string;
  memberIds: string[];
}

function TeamDialog({ team, onClose }: { readonly team: Team | undefined; readonly onClose: () => void }) {
  const m = useMessages(editorMessages);
  const call = useCall();
  const toasts = useToasts();
  const refresh = useRefresh();
  const org = useOrganisation().name;
  const choices = usePeopleChoices();
  const bodyOf = ({ leadId, ...values }: TeamValues): TeamInput => ({ ...values, ...(leadId === "" ? {} : { leadId }) });
  const form = useDialogForm<TeamValues>({
    schema: TeamInput,
    initial: {
      name: team?.name ?? "",
      memo: team?.memo ?? "",
      leadId: team?.leadId ?? "",
      memberIds: team?.members.map((member) => member.id) ?? [],
    },
    bodyOf,
    explain: ({ code }) => (code === "conflict" ? m.nameTaken : undefined),
    submit: async (values) => {
      const body = bodyOf(values);
      if (team) await call(changeTeam, { params: { org, id: team.id }, body });
      else await call(createTeam, { params: { org }, body });
      toasts.show({ text: m.saved({ name: values.name }) });
      await refresh();
    },
    onDone: onClose,
  });
  const { memberIds, leadId } = form.values;
  const nameOf = (id: string): string => team?.members.find((member) => member.id === id)?.name ?? id;
  const labels = new Map(choices.map(({ value, label }) => [value, label]));
  return (
    <FormDialog title={team ? m.editTeam : m.createTeam} form={form} action={m.save} onClose={onClose}>
      <TextInput {...form.text("name")} label={m.name} autoComplete="off" data-autofocus />
      <PeopleOrder
        label={m.members}
        hint={m.membersHint}
        ids={memberIds}
        choices={choices}
        nameOf={nameOf}
        onChange={(ids) => {
          form.set("memberIds", ids);
          if (!ids.includes(leadId)) form.set("leadId", "");
        }}
        error={form.field("memberIds").error}
      />
      <Select
        {...form.field("leadId")}
        onChange={(value) => form.set("leadId", value ?? "")}
        label={m.lead}
        allowDeselect={false}
        data={[{ value: "", label: m.noLead }, ...memberIds.map((id) => ({ value: id, label: labels.get(id) ?? nameOf(id) }))]}
      />
      <Textarea {...form.text("memo")} label={m.memo} autosize minRows={1} maxRows={4} />
    </FormDialog>
  );
}

function DeleteTeamDialog({ team, onClose }: { readonly team: Team; readonly onClose: () => void }) {
  const m = useMessages(editorMessages);
  const call = useCall();
  const toasts = useToasts();
  const refresh = useRefresh();
  const org = useOrganisation().name;
  const { id, name } = team;
  const remove = async (): Promise<void> => {
    await call(deleteTeam, { params: { org, id } });
    toasts.show({ text: m.deleted({ name }) });
    await refresh();
  };
  return (
    <ConfirmDialog
      title={m.deleteTeamTitle({ name })}
      text={m.deleteTeamText}
      action={m.deleteTeam}
      isDangerous
      onConfirm={remove}
      onClose={onClose}
    />
  );
}
