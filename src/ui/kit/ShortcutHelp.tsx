import { Kbd, Modal, Table, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useNavigate } from "@tanstack/react-router";
import { Fragment } from "react";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { shellMessages } from "#kit/shell-messages";
import { focusSearchField, useShortcuts } from "#kit/shortcuts";

/** Listens for the shortcuts of the console and shows them on "?". */
export function ShortcutHelp({ org }: { readonly org: string }) {
  const m = useMessages(shellMessages);
  const kit = useMessages(kitMessages);
  const [isOpen, help] = useDisclosure(false);
  const navigate = useNavigate();
  const params = { org };
  useShortcuts({
    "/": focusSearchField,
    "?": help.open,
    "g i": () => void navigate({ to: "/o/$org/incidents", params }),
    "g h": () => void navigate({ to: "/o/$org/hosts", params }),
    "g s": () => void navigate({ to: "/o/$org/services", params }),
    "g l": () => void navigate({ to: "/o/$org/history", params }),
    "g p": () => void navigate({ to: "/o/$org/people", params }),
  });
  const rows: readonly (readonly [readonly string[], string])[] = [
    [["/"], m.keySearch],
    [["g", "i"], m.keyIncidents],
    [["g", "h"], m.keyHosts],
    [["g", "s"], m.keyServices],
    [["g", "l"], m.keyHistory],
    [["g", "p"], m.keyPeople],
    [["j", "k"], m.keyRows],
    [["t"], m.keyTake],
    [["←"], m.keyChart],
    [["Home"], m.keyChartEnds],
    [["?"], m.keyHelp],
  ];
  return (
    <Modal opened={isOpen} onClose={help.close} title={m.shortcutsTitle} closeButtonProps={{ "aria-label": kit.close }}>
      <Table>
        <Table.Tbody>
          {rows.map(([keys, text]) => (
            <Table.Tr key={text}>
              <Table.Th scope="row" w={130} fw={400}>
                {keys.map((key, at) => (
                  <Fragment key={key}>
                    {at > 0 && (
                      <Text span size="xs" c="dimmed" mx={6}>
                        {m.followedBy}
                      </Text>
                    )}
                    <Kbd>{key}</Kbd>
                  </Fragment>
                ))}
              </Table.Th>
              <Table.Td>{text}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Modal>
  );
}
