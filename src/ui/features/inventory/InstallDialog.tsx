import { Anchor, Modal } from "@mantine/core";
import { useState } from "react";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { InstallSteps } from "./InstallSteps.tsx";
import { messages } from "./messages.ts";
import { RegisterHostDialog } from "./RegisterHostDialog.tsx";

/** How a host comes into the list: with an agent, or by hand. */
export function InstallDialog({ onClose }: { readonly onClose: () => void }) {
  const [isByHand, setByHand] = useState(false);
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  if (isByHand) return <RegisterHostDialog onClose={onClose} />;
  return (
    <Modal
      opened
      onClose={onClose}
      title={m.installTitle}
      size="lg"
      closeButtonProps={{ "aria-label": kit.close }}
      closeOnClickOutside={false}
    >
      <InstallSteps />
      <Anchor component="button" type="button" size="sm" mt="md" onClick={() => setByHand(true)}>
        {m.registerByHand}
      </Anchor>
    </Modal>
  );
}
