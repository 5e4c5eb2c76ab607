import { Button, Menu } from "@mantine/core";
import {
  IconArrowBackUp,
  IconArrowMerge,
  IconArrowsSplit,
  IconBellOff,
  IconCircleCheck,
  IconDots,
  IconHandStop,
  IconPencil,
  IconRefresh,
  IconShieldCheck,
  IconUserShare,
} from "@tabler/icons-react";
import { useState, type ReactNode } from "react";
import type { Incident } from "#wire/incidents";
import { useNow } from "#kit/clock";
import { seconds } from "#base/duration";
import { useMessages } from "#kit/messages";
import { useSession } from "#kit/session";
import { useShortcuts } from "#kit/shortcuts";
import { actMessages } from "./act-messages.ts";
import { DeclineDialog, ReleaseDialog, ReopenDialog, ResolveDialog } from "./confirm-dialogs.tsx";
import classes from "./IncidentPage.module.css";
import { MergeDialog } from "./MergeDialog.tsx";
import { PassDialog } from "./PassDialog.tsx";
import { RenameDialog } from "./RenameDialog.tsx";
import { SnoozeDialog } from "./SnoozeDialog.tsx";
import { SplitDialog } from "./SplitDialog.tsx";
import { useTake } from "./use-act.ts";
import { useWake } from "./use-wake.ts";

type Open = "cannot" | "pass" | "snooze" | "resolve" | "reopen" | "release" | "merge" | "split" | "rename";

const dialogs: Readonly<Record<Open, (props: { readonly incident: Incident; readonly onClose: () => void }) => ReactNode>> = {
  cannot: DeclineDialog,
  pass: PassDialog,
  snooze: SnoozeDialog,
  resolve: ResolveDialog,
  reopen: ReopenDialog,
  release: ReleaseDialog,
  merge: MergeDialog,
  split: SplitDialog,
  rename: RenameDialog,
};

const icon = { "aria-hidden": true, size: 20 } as const;

/** What can be done with an incident. On a phone it stands at the bottom of the screen, under the thumb. */
export function ActionBar({ incident }: { readonly incident: Incident }) {
  const m = useMessages(actMessages);
  const take = useTake();
  const [open, setOpen] = useState<Open>();
  const [isTaking, setTaking] = useState(false);
  const { state } = incident;
  const onTake = async (): Promise<void> => {
    setTaking(true);
    await take(incident);
    setTaking(false);
  };
  useShortcuts({
    t: () => {
      if (state === "open") void onTake();
    },
  });
  const Dialog = open === undefined ? undefined : dialogs[open];
  return (
    <>
      <div className={classes.bar} role="toolbar" aria-label={m.acts}>
        {state === "open" && (
          <>
            <BarButton label={m.take} icon={<IconShieldCheck {...icon} />} isMain isBusy={isTaking} onClick={() => void onTake()} />
            <BarButton label={m.cannot} icon={<IconHandStop {...icon} />} onClick={() => setOpen("cannot")} />
          </>
        )}
        {state === "resolved" ? <OverButtons incident={incident} onOpen={setOpen} /> : <LiveButtons incident={incident} onOpen={setOpen} />}
        <MoreMenu incident={incident} onOpen={setOpen} />
      </div>
      {Dialog && <Dialog incident={incident} onClose={() => setOpen(undefined)} />}
    </>
  );
}

interface ButtonsProps {
  readonly incident: Incident;
  readonly onOpen: (open: Open) => void;
}

/** While it is not over. */
function LiveButtons({ incident, onOpen }: ButtonsProps) {
  const m = useMessages(actMessages);
  const { person } = useSession();
  const now = useNow(seconds(15));
  const wake = useWake();
  const { responder, snoozedUntil } = incident;
  const isSnoozed = snoozedUntil !== undefined && snoozedUntil > now;
  return (
    <>
      <BarButton label={m.pass} icon={<IconUserShare {...icon} />} onClick={() => onOpen("pass")} />
      <BarButton
        label={isSnoozed ? m.wake : m.snooze}
        icon={<IconBellOff {...icon} />}
        onClick={() => (isSnoozed ? void wake(incident) : onOpen("snooze"))}
      />
      <BarButton
        label={m.resolve}
        icon={<IconCircleCheck {...icon} />}
        isMain={responder?.id === person.id}
        onClick={() => onOpen("resolve")}
      />
    </>
  );
}

/** When it is over; one that was merged goes on in the other. */
function OverButtons({ incident, onOpen }: ButtonsProps) {
  const m = useMessages(actMessages);
  if (incident.mergedInto !== undefined) return undefined;
  return <BarButton label={m.reopen} icon={<IconRefresh {...icon} />} onClick={() => onOpen("reopen")} />;
}

interface BarButtonProps {
  readonly label: string;
  readonly icon: ReactNode;
  readonly isMain?: boolean;
  readonly isBusy?: boolean;
  readonly onClick: () => void;
}

function BarButton({ label, icon: sign, isMain = false, isBusy = false, onClick }: BarButtonProps) {
  return (
    <Button className={classes.barButton} variant={isMain ? "filled" : "default"} leftSection={sign} loading={isBusy} onClick={onClick}>
      {label}
    </Button>
  );
}

/** What is done more seldom. */
function MoreMenu({ incident, onOpen }: ButtonsProps) {
  const m = useMessages(actMessages);
  const { state, members, responder } = incident;
  return (
    <Menu position="top-end" withArrow>
      <Menu.Target>
        <Button className={classes.barButton} variant="default" aria-label={m.more}>
          <IconDots {...icon} />
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {responder !== undefined && (
          <Menu.Item leftSection={<IconArrowBackUp aria-hidden size={16} />} onClick={() => onOpen("release")}>
            {m.release}
          </Menu.Item>
        )}
        {state === "taken" && (
          <Menu.Item leftSection={<IconHandStop aria-hidden size={16} />} onClick={() => onOpen("cannot")}>
            {m.cannot}
          </Menu.Item>
        )}
        <Menu.Item leftSection={<IconPencil aria-hidden size={16} />} onClick={() => onOpen("rename")}>
          {m.rename}
        </Menu.Item>
        {state !== "resolved" && (
          <Menu.Item leftSection={<IconArrowMerge aria-hidden size={16} />} onClick={() => onOpen("merge")}>
            {m.merge}
          </Menu.Item>
        )}
        {state !== "resolved" && members.length > 1 && (
          <Menu.Item leftSection={<IconArrowsSplit aria-hidden size={16} />} onClick={() => onOpen("split")}>
            {m.split}
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
