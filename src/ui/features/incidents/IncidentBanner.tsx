import { IconUrgent } from "@tabler/icons-react";
import { useRouterState } from "@tanstack/react-router";
import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import { useOpenIncidents } from "#kit/open-incidents";
import { AnchorLink } from "../../kit/links.tsx";
import classes from "./IncidentBanner.module.css";
import { messages } from "./messages.ts";

/** On every page of the organisation while there is an incident that nobody has; where incidents are shown anyhow it would only take their place. */
export function IncidentBanner({ org }: { readonly org: string }) {
  const m = useMessages(messages);
  const format = useFormat();
  const counts = useOpenIncidents();
  const path = useRouterState({ select: (state) => state.location.pathname });
  if (counts === undefined || counts.open === 0 || path.startsWith(`/o/${org}/incidents`)) return undefined;
  return (
    <div className={classes.banner} role="status">
      <IconUrgent aria-hidden size={20} className={classes.sign} />
      <span>{m.banner({ open: format.count(counts.open + counts.taken), nobody: format.count(counts.open) })}</span>
      <AnchorLink to="/o/$org/incidents" params={{ org }} search={{ tab: "open" }} className={classes.link} inherit>
        {m.bannerLink}
      </AnchorLink>
    </div>
  );
}
