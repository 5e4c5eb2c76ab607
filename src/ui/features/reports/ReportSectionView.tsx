import { Anchor, List, Paper, SimpleGrid, Stack, Table, Text, Title } from "@mantine/core";
import { useRouter } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { ReportBlock, ReportCell, ReportSection } from "#wire/reports";
import { ReportBars } from "./ReportBars.tsx";
import classes from "./Report.module.css";

type Of<Kind extends ReportBlock["kind"]> = Extract<ReportBlock, { kind: Kind }>;
type Tone = NonNullable<ReportCell["tone"]>;

const toneClass: Readonly<Record<Tone, string | undefined>> = { good: classes["good"], bad: classes["bad"], muted: classes["muted"] };

/** One section of a report under its heading. */
export function ReportSectionView({ section: { id, title, blocks } }: { readonly section: ReportSection }) {
  return (
    <section id={id} aria-label={title}>
      <Title order={2} size="h3" mb="xs">
        {title}
      </Title>
      <Stack gap="md">
        {blocks.map((block, index) => (
          // Blocks of a kept report never change their places.
          // oxlint-disable-next-line react/no-array-index-key
          <Block key={index} block={block} title={title} />
        ))}
      </Stack>
    </section>
  );
}

function Block({ block, title }: { readonly block: ReportBlock; readonly title: string }) {
  switch (block.kind) {
    case "text":
      return (
        <Text size="sm" c="dimmed" maw="60rem">
          {block.text}
        </Text>
      );
    case "list":
      return (
        <List spacing="xs" maw="60rem">
          {block.items.map((item) => (
            <List.Item key={item.text}>
              <CellText cell={item} />
            </List.Item>
          ))}
        </List>
      );
    case "figures":
      return <Figures block={block} />;
    case "table":
      return <BlockTable block={block} title={title} />;
    case "bars":
      return <ReportBars block={block} />;
  }
}

function Figures({ block: { figures } }: { readonly block: Of<"figures"> }) {
  return (
    <SimpleGrid cols={{ base: 2, sm: 3, lg: 4 }} spacing="sm">
      {figures.map(({ label, value, note, href, tone }) => (
        <Paper key={label} withBorder p="sm">
          <Text size="sm">{label}</Text>
          <Text size="xl" fw={700} className={tone && toneClass[tone]}>
            <CellText cell={{ text: value, ...(href === undefined ? {} : { href }) }} />
          </Text>
          <Text size="xs" c="dimmed">
            {note}
          </Text>
        </Paper>
      ))}
    </SimpleGrid>
  );
}

function BlockTable({ block: { caption, columns, rows, note }, title }: { readonly block: Of<"table">; readonly title: string }) {
  return (
    <div>
      {/* Whoever has no mouse scrolls it by keys. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className={classes["scroll"]} tabIndex={0} role="group" aria-label={caption}>
        <Table captionSide="top" verticalSpacing={4} fz="sm">
          <Table.Caption className={caption === title ? classes["same"] : classes["caption"]}>{caption}</Table.Caption>
          <Table.Thead>
            <Table.Tr>
              {columns.map(({ label, isNumber }, index) => (
                // Two columns may have the same label.
                // oxlint-disable-next-line react/no-array-index-key
                <Table.Th key={index} scope="col" className={isNumber ? classes["number"] : undefined}>
                  {label}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((row, at) => (
              // Rows of a kept report never change their places.
              // oxlint-disable-next-line react/no-array-index-key
              <Table.Tr key={at}>
                {row.map((cell, index) => (
                  <Table.Td
                    // oxlint-disable-next-line react/no-array-index-key
                    key={index}
                    className={[columns[index]?.isNumber ? classes["number"] : classes["words"], cell.tone && toneClass[cell.tone]].join(
                      " ",
                    )}
                  >
                    <CellText cell={cell} />
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
      {note !== undefined && (
        <Text size="sm" c="dimmed">
          {note}
        </Text>
      )}
    </div>
  );
}

/** A text that opens what it counts: another part of the report, or a page of the console without loading it anew. */
function CellText({ cell: { text, href } }: { readonly cell: ReportCell }): ReactNode {
  const { history } = useRouter();
  if (href === undefined) return text;
  if (!href.startsWith("/"))
    return (
      <Anchor href={href} inherit>
        {text}
      </Anchor>
    );
  return (
    <Anchor
      href={href}
      inherit
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
        event.preventDefault();
        history.push(href);
      }}
    >
      {text}
    </Anchor>
  );
}
