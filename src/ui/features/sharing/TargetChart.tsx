import { Menu } from "@mantine/core";
import { IconArrowsMaximize, IconShare } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useState, type ReactNode } from "react";
import type { GraphTarget } from "#wire/sharing";
import { useMessages } from "#kit/messages";
import type { RangeSearch } from "#kit/range";
import { useMay, useOrganisation } from "#kit/session";
import { TimeChart, type TimeChartProps } from "../../kit/chart/TimeChart.tsx";
import { searchOfTarget } from "./graph-search.ts";
import { messages } from "./messages.ts";
import { ShareDialog } from "./ShareDialog.tsx";

export interface TargetChartProps extends Omit<TimeChartProps, "menu"> {
  readonly target: GraphTarget;
  readonly range: RangeSearch;
  /** On the page of this very graph there is no larger one to open. */
  readonly isLarge?: boolean;
  /** Entries of the menu before those that every graph has. */
  readonly ownMenu?: ReactNode;
}

/** A graph that can be opened on a page of its own and shared. */
export function TargetChart({ target, range, isLarge = false, ownMenu, ...chart }: TargetChartProps) {
  const m = useMessages(messages);
  const org = useOrganisation().name;
  const mayShare = useMay("share.change");
  const navigate = useNavigate();
  const [isSharing, setSharing] = useState(false);
  const open = (): void => void navigate({ to: "/o/$org/graph", params: { org }, search: { ...searchOfTarget(target), ...range } });
  const menu = (
    <>
      {ownMenu}
      {!isLarge && (
        <Menu.Item leftSection={<IconArrowsMaximize aria-hidden size={16} />} onClick={open}>
          {m.openLarge}
        </Menu.Item>
      )}
      {mayShare && (
        <Menu.Item leftSection={<IconShare aria-hidden size={16} />} onClick={() => setSharing(true)}>
          {m.share}
        </Menu.Item>
      )}
    </>
  );
  return (
    <>
      <TimeChart {...chart} menu={menu} />
      {isSharing && <ShareDialog target={target} title={chart.title} onClose={() => setSharing(false)} />}
    </>
  );
}
