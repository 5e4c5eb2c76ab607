import { Alert, Button, Group, Menu, Paper, Text } from "@mantine/core";
import { IconArrowBackUp, IconArrowForwardUp, IconPlus } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useBlocker } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { changeDashboard, widgetTypes, type Dashboard, type Widget, type WidgetType } from "#wire/dashboards";
import { CallError, useCall } from "#kit/call";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { useProblemText } from "#kit/problems";
import type { RangeSearch } from "#kit/range";
import { useOrganisation } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { ConfirmDialog } from "../../kit/ConfirmDialog.tsx";
import { EmptyState } from "../../kit/EmptyState.tsx";
import { changed, draftOf, nextKey, redone, undone, widgetsOf, type Draft, type DraftWidget } from "./draft.ts";
import { EditGrid } from "./EditGrid.tsx";
import { firstFree } from "./grid.ts";
import { messages } from "./messages.ts";
import { WidgetDialog } from "./WidgetDialog.tsx";
import classes from "./WidgetGrid.module.css";

/** Sizes of new widgets. */
const startSizes: Readonly<Record<WidgetType, { readonly width: number; readonly height: number }>> = {
  graph: { width: 8, height: 9 },
  value: { width: 4, height: 4 },
  markdown: { width: 8, height: 6 },
  alertStatus: { width: 6, height: 4 },
};

export interface DashboardEditorProps {
  readonly dashboard: Dashboard;
  readonly range: RangeSearch;
  readonly onDone: () => void;
}

/** Changes widgets and their places; nothing is kept before "Save". */
export function DashboardEditor({ dashboard, range, onDone }: DashboardEditorProps) {
  const m = useMessages(messages);
  const [draft, setDraft] = useState(() => draftOf(dashboard.widgets));
  const [basis] = useState(dashboard);
  const [dialog, setDialog] = useState<{ readonly type: WidgetType; readonly widget?: DraftWidget }>();
  const isDirty = draft.past.length > 0;
  const saving = useSaving(basis, onDone);
  const change = (widgets: readonly DraftWidget[]): void => setDraft((now) => changed(now, widgets));
  useUndoKeys(setDraft);

  const finish = (widget: Widget): void => {
    const edited = dialog?.widget;
    const withKey = (key: number): DraftWidget => ({ ...widget, key });
    change(
      edited
        ? draft.widgets.map((one) => (one.key === edited.key ? { ...withKey(one.key), layout: one.layout } : one))
        : [...draft.widgets, withKey(nextKey(draft))],
    );
  };
  const copy = (widget: DraftWidget): void =>
    change([...draft.widgets, { ...widget, key: nextKey(draft), layout: firstFree(draft.widgets, widget.layout) }]);
  const addMenu = <AddMenu onAdd={(type) => setDialog({ type })} />;
  return (
    <>
      <Toolbar
        draft={draft}
        setDraft={setDraft}
        isDirty={isDirty}
        isBusy={saving.isBusy}
        onSave={() => void saving.save(draft, false)}
        onDiscard={onDone}
        addMenu={addMenu}
      />
      {saving.problem !== undefined && (
        <Alert color="red" variant="outline" mb="sm" role="alert">
          {saving.problem}
          {saving.isConflict && (
            <Button size="compact-sm" variant="default" ml="sm" onClick={() => void saving.save(draft, true)}>
              {m.overwrite}
            </Button>
          )}
        </Alert>
      )}
      {draft.widgets.length === 0 ? (
        <EmptyState title={m.empty} hint={m.emptyHint}>
          {addMenu}
        </EmptyState>
      ) : (
        <EditGrid
          widgets={draft.widgets}
          range={range}
          onChange={change}
          onEdit={(widget) => setDialog({ type: widget.type, widget })}
          onCopy={copy}
        />
      )}
      {dialog && (
        <WidgetDialog
          type={dialog.type}
          widget={dialog.widget}
          layout={dialog.widget?.layout ?? firstFree(draft.widgets, startSizes[dialog.type])}
          onDone={finish}
          onClose={() => setDialog(undefined)}
        />
      )}
      <LeaveGuard isDirty={isDirty && !saving.isSaved} />
    </>
  );
}

/** Sends the draft, and knows a conflict from other refusals. */
function useSaving(basis: Dashboard, onDone: () => void) {
  const m = useMessages(messages);
  const call = useCall();
  const client = useQueryClient();
  const toasts = useToasts();
  const problemText = useProblemText();
  const org = useOrganisation().name;
  const [state, setState] = useState<{ isBusy: boolean; isSaved: boolean; isConflict: boolean; problem?: string }>({
    isBusy: false,
    isSaved: false,
    isConflict: false,
  });
  const save = async (draft: Draft, isOverwriting: boolean): Promise<void> => {
    setState({ isBusy: true, isSaved: false, isConflict: false });
    const { id, title, urlPath, memo, updatedAt } = basis;
    const body = { title, urlPath, memo, widgets: widgetsOf(draft), ...(isOverwriting ? {} : { basedOn: updatedAt }) };
    try {
      const saved = await call(changeDashboard, { params: { org, id }, body });
      setState({ isBusy: false, isSaved: true, isConflict: false });
      client.setQueryData([org, "dashboard", id], saved);
      void client.invalidateQueries({ queryKey: [org, "dashboards"] });
      toasts.show({ text: m.saved });
      onDone();
    } catch (error) {
      const isConflict = error instanceof CallError && error.code === "conflict";
      setState({ isBusy: false, isSaved: false, isConflict, problem: isConflict ? m.conflict : problemText(error) });
    }
  };
  return { ...state, save };
}

/** Ctrl+Z and Ctrl+Shift+Z, unless somebody types or a dialog is open. */
function useUndoKeys(setDraft: (step: (draft: Draft) => Draft) => void): void {
  const latest = useRef(setDraft);
  useEffect(() => {
    latest.current = setDraft;
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z") return;
      if (event.target instanceof HTMLElement && ["INPUT", "TEXTAREA", "SELECT"].includes(event.target.tagName)) return;
      if (document.querySelector('[role="dialog"]')) return;
      event.preventDefault();
      latest.current(event.shiftKey ? redone : undone);
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
}

function AddMenu({ onAdd }: { readonly onAdd: (type: WidgetType) => void }) {
  const m = useMessages(messages);
  return (
    <Menu position="bottom-start" withArrow>
      <Menu.Target>
        <Button variant="default" leftSection={<IconPlus aria-hidden size={16} />}>
          {m.add}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {widgetTypes.map((type) => (
          <Menu.Item key={type} onClick={() => onAdd(type)}>
            {m[type]}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

interface ToolbarProps {
  readonly draft: Draft;
  readonly setDraft: (step: (draft: Draft) => Draft) => void;
  readonly isDirty: boolean;
  readonly isBusy: boolean;
  readonly onSave: () => void;
  readonly onDiscard: () => void;
  readonly addMenu: React.ReactNode;
}

function Toolbar({ draft, setDraft, isDirty, isBusy, onSave, onDiscard, addMenu }: ToolbarProps) {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const [isAsking, setAsking] = useState(false);
  return (
    <Paper withBorder p="xs" mb="sm" className={classes.toolbar} role="toolbar" aria-label={m.editing}>
      <Group justify="space-between" gap="xs">
        <Group gap="xs">
          {addMenu}
          <Button
            variant="default"
            leftSection={<IconArrowBackUp aria-hidden size={16} />}
            disabled={draft.past.length === 0}
            onClick={() => setDraft(undone)}
          >
            {m.undo}
          </Button>
          <Button
            variant="default"
            leftSection={<IconArrowForwardUp aria-hidden size={16} />}
            disabled={draft.future.length === 0}
            onClick={() => setDraft(redone)}
          >
            {m.redo}
          </Button>
        </Group>
        <Group gap="xs">
          <Button variant="default" onClick={() => (isDirty ? setAsking(true) : onDiscard())}>
            {isDirty ? m.discard : kit.cancel}
          </Button>
          <Button onClick={onSave} loading={isBusy} disabled={!isDirty}>
            {kit.save}
          </Button>
        </Group>
      </Group>
      <Text size="xs" c="dimmed" mt={6}>
        {m.help}
      </Text>
      {isAsking && (
        <ConfirmDialog
          title={m.discardTitle}
          text={m.discardText}
          action={m.discard}
          isDangerous
          onConfirm={async () => onDiscard()}
          onClose={() => setAsking(false)}
        />
      )}
    </Paper>
  );
}

/** Asks before another page is opened, and lets the browser ask before the tab is closed. */
function LeaveGuard({ isDirty }: { readonly isDirty: boolean }) {
  const m = useMessages(messages);
  const blocker = useBlocker({
    // A change of the time range is a change of the address, but the page stays.
    shouldBlockFn: ({ current, next }) => isDirty && current.pathname !== next.pathname,
    enableBeforeUnload: () => isDirty,
    withResolver: true,
  });
  if (blocker.status !== "blocked") return undefined;
  return (
    <ConfirmDialog
      title={m.leaveTitle}
      text={m.leaveText}
      action={m.leave}
      isDangerous
      onConfirm={async () => blocker.proceed()}
      onClose={() => blocker.reset()}
    />
  );
}
