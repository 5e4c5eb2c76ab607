import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { overlayRegionId } from "#kit/theme";

/** The landmark in which menus, lists and dialogs are drawn. Stands once, at the end of the page. */
export function OverlayRegion() {
  const m = useMessages(kitMessages);
  return <section id={overlayRegionId} aria-label={m.overlays} />;
}
