import { Modal } from "@mantine/core";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { InstallSteps } from "./InstallSteps.tsx";
import { messages } from "./messages.ts";

export function InstallDialog({ onClose }: { readonly onClose: () => void }) {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
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
    </Modal>
  );
}
