import { Button, Group, Menu, Paper, Select, SimpleGrid, Stack, Switch, Text, Textarea, TextInput } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { changeSchedule, createSchedule, type Schedule } from "#wire/duty";
import { CallError, useCall } from "#kit/call";
import { useClock } from "#kit/clock";
import { timeZones, useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import { useProblemText } from "#kit/problems";
import { useOrganisation } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { ErrorState } from "../../kit/ErrorState.tsx";
import { FormProblem } from "../../kit/FormProblem.tsx";
import { AnchorLink, ButtonLink } from "../../kit/links.tsx";
import { PageHeader } from "../../kit/PageHeader.tsx";
import { PageSection } from "../../kit/PageSection.tsx";
import { DraftPreview } from "./DraftPreview.tsx";
import { editorMessages } from "./editor-messages.ts";
import { ImportLayerDialog } from "./ImportLayerDialog.tsx";
import { LayerCard } from "./LayerCard.tsx";
import { messages } from "./messages.ts";
import { crewOf } from "./people.ts";
import { changedLayer, draftOf, inputOf, layerFrom, movedLayer, templates, withLayer, withoutLayer, type Draft } from "./schedule-draft.ts";
import { useChannelChoices, useRefresh, useSchedule, useTeams } from "./use-duty.ts";

/** A new schedule. */
export function NewSchedulePage() {
  return <Editor schedule={undefined} />;
}

/** Changes a schedule; nothing holds before it is saved. */
export function ScheduleEditorPage() {
  const m = useMessages(messages);
  const { id } = useParams({ from: "/signed-in/o/$org/schedules/$id/edit" });
  const { data: schedule, error, refetch } = useSchedule(id);
  if (schedule) return <Editor key={id} schedule={schedule} />;
  return (
    <>
      <PageHeader title={m.schedule} />
      {error && <ErrorState error={error} onRetry={() => void refetch()} />}
    </>
  );
}

function Editor({ schedule }: { readonly schedule: Schedule | undefined }) {
  const m = useMessages(editorMessages);
  const duty = useMessages(messages);
  const format = useFormat();
  const org = useOrganisation().name;
  // What somebody else saves meanwhile must not change the draft under one's hands.
  const [first] = useState(schedule);
  const [draft, setDraft] = useState<Draft>(() => draftOf(schedule, format.timeZone));
  const { save, isBusy, problem } = useSave(first);
  const title = first ? m.editSchedule({ name: first.name }) : m.newSchedule;
  const crumb = (
    <AnchorLink key="duty" to="/o/$org/duty" params={{ org }} size="sm">
      {duty.title}
    </AnchorLink>
  );
  return (
    <>
      <PageHeader title={title} crumbs={[crumb]}>
        {first ? (
          <ButtonLink variant="default" to="/o/$org/schedules/$id" params={{ org, id: first.id }}>
            {m.cancel}
          </ButtonLink>
        ) : (
          <ButtonLink variant="default" to="/o/$org/duty" params={{ org }}>
            {m.cancel}
          </ButtonLink>
        )}
        <Button loading={isBusy} disabled={draft.name.trim() === ""} onClick={() => void save(draft)}>
          {m.save}
        </Button>
      </PageHeader>
      <Stack gap="xl">
        {problem !== undefined && <FormProblem problem={problem} />}
        <MainFields draft={draft} onChange={setDraft} />
        <LayersSection draft={draft} onChange={setDraft} schedule={first} />
        <DraftPreview draft={draft} scheduleId={first?.id} />
      </Stack>
    </>
  );
}

function useSave(schedule: Schedule | undefined) {
  const m = useMessages(editorMessages);
  const call = useCall();
  const toasts = useToasts();
  const problemText = useProblemText();
  const refresh = useRefresh();
  const navigate = useNavigate();
  const org = useOrganisation().name;
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const send = (draft: Draft): Promise<Schedule> => {
    const body = inputOf(draft);
    if (!schedule) return call(createSchedule, { params: { org }, body });
    return call(changeSchedule, { params: { org, id: schedule.id }, body: { ...body, revision: schedule.revision } });
  };
  const save = async (draft: Draft): Promise<void> => {
    setBusy(true);
    setProblem(undefined);
    try {
      const { id, name } = await send(draft);
      toasts.show({ text: m.saved({ name }) });
      await refresh();
      await navigate({ to: "/o/$org/schedules/$id", params: { org, id } });
    } catch (error) {
      const isConflict = error instanceof CallError && error.code === "conflict";
      setProblem(isConflict ? (/name|already/u.test(error.message) ? m.nameTaken : m.conflict) : problemText(error));
      setBusy(false);
    }
  };
  return { save, isBusy, problem };
}

interface DraftProps {
  readonly draft: Draft;
  readonly onChange: (draft: Draft) => void;
}

function MainFields({ draft, onChange }: DraftProps) {
  const m = useMessages(editorMessages);
  const teams = useTeams().data?.teams ?? [];
  const channels = useChannelChoices();
  const set = (part: Partial<Draft>): void => onChange({ ...draft, ...part });
  return (
    <Paper withBorder p="md">
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
        <TextInput
          label={m.name}
          value={draft.name}
          maxLength={100}
          required
          autoComplete="off"
          onChange={(event) => set({ name: event.currentTarget.value })}
        />
        <Select
          label={m.timeZone}
          description={m.timeZoneHint}
          value={draft.timeZone}
          data={timeZones()}
          searchable
          allowDeselect={false}
          limit={50}
          onChange={(timeZone) => timeZone !== null && set({ timeZone })}
        />
        <Select
          label={m.team}
          value={draft.teamId}
          allowDeselect={false}
          data={[{ value: "", label: m.noTeam }, ...teams.map(({ id, name }) => ({ value: id, label: name }))]}
          onChange={(teamId) => set({ teamId: teamId ?? "" })}
        />
        <Select
          label={m.channel}
          value={draft.channelId}
          allowDeselect={false}
          data={[{ value: "", label: m.noChannel }, ...channels]}
          onChange={(channelId) => set({ channelId: channelId ?? "" })}
        />
        <Textarea
          label={m.memo}
          value={draft.memo}
          autosize
          minRows={1}
          maxRows={4}
          maxLength={1000}
          onChange={(event) => set({ memo: event.currentTarget.value })}
        />
        <Switch
          mt="lg"
          label={m.tellsPeople}
          checked={draft.tellsPeople}
          onChange={(event) => set({ tellsPeople: event.currentTarget.checked })}
        />
      </SimpleGrid>
    </Paper>
  );
}

function LayersSection({ draft, onChange, schedule }: DraftProps & { readonly schedule: Schedule | undefined }) {
  const m = useMessages(editorMessages);
  const crew = crewOf(schedule?.people ?? []);
  const { layers } = draft;
  // The highest stands at the top, as in the calendar.
  const shown = layers.map((one, index) => ({ ...one, index })).reverse();
  return (
    <PageSection title={m.layers} hint={m.layersHint} actions={<AddLayerMenu draft={draft} onChange={onChange} />}>
      <Stack gap="md">
        {layers.length === 0 && <Text size="sm">{m.noLayers}</Text>}
        {shown.map(({ key, layer, index }) => (
          <LayerCard
            key={key}
            layer={layer}
            index={index}
            count={layers.length}
            crew={crew}
            onChange={(next) => onChange(changedLayer(draft, key, next))}
            onMove={(by) => onChange(movedLayer(draft, key, by))}
            onRemove={() => onChange(withoutLayer(draft, key))}
          />
        ))}
      </Stack>
    </PageSection>
  );
}

function AddLayerMenu({ draft, onChange }: DraftProps) {
  const m = useMessages(editorMessages);
  const clock = useClock();
  const [isImporting, setImporting] = useState(false);
  return (
    <Group>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="default" leftSection={<IconPlus aria-hidden size={16} />}>
            {m.addLayer}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {templates.map((template) => (
            <Menu.Item
              key={template}
              onClick={() => onChange(withLayer(draft, layerFrom(template, m[template], clock.now(), draft.timeZone)))}
            >
              {m[template]}
            </Menu.Item>
          ))}
          <Menu.Item onClick={() => setImporting(true)}>{m.fromFile}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {isImporting && (
        <ImportLayerDialog
          timeZone={draft.timeZone}
          onLayer={(layer) => onChange(withLayer(draft, layer))}
          onClose={() => setImporting(false)}
        />
      )}
    </Group>
  );
}
