import { Anchor, Code, List, Table, Text, Title, type TitleOrder } from "@mantine/core";
import { Fragment, useMemo, type ReactNode } from "react";
import { parseMarkdown, type Block, type Inline } from "./markdown.ts";
import classes from "./Markdown.module.css";

/** Markdown of anybody's. It becomes elements one by one and never markup. */
export function Markdown({ source }: { readonly source: string }) {
  const blocks = useMemo(() => parseMarkdown(source), [source]);
  return <div className={classes.text}>{drawBlocks(blocks)}</div>;
}

/** A parsed text has no ids; it is drawn anew as a whole when it changes. */
const drawBlocks = (blocks: readonly Block[]): ReactNode => blocks.map((block, at) => <Fragment key={at}>{drawBlock(block)}</Fragment>);

const drawInline = (parts: readonly Inline[]): ReactNode => parts.map((part, at) => <Fragment key={at}>{drawPart(part)}</Fragment>);

/** The page's title is level 1, a widget's is 3: a heading inside stands below both. */
const orderOf = (level: number): TitleOrder => (level === 1 ? 4 : level === 2 ? 5 : 6);

function drawBlock(block: Block): ReactNode {
  switch (block.kind) {
    case "heading":
      return (
        <Title order={orderOf(block.level)} className={classes[`h${block.level}`] ?? ""}>
          {drawInline(block.parts)}
        </Title>
      );
    case "paragraph":
      return (
        <Text size="sm" className={classes.paragraph}>
          {drawInline(block.parts)}
        </Text>
      );
    case "code":
      return <Code block>{block.text}</Code>;
    case "quote":
      return <blockquote className={classes.quote}>{drawBlocks(block.blocks)}</blockquote>;
    case "rule":
      return <hr className={classes.rule} />;
    case "list":
      return (
        <List size="sm" type={block.isOrdered ? "ordered" : "unordered"} {...(block.isOrdered ? { start: block.start } : {})}>
          {block.items.map((item, at) => (
            <List.Item key={at}>{drawBlocks(item)}</List.Item>
          ))}
        </List>
      );
    case "table":
      return drawTable(block);
  }
}

const drawTable = ({ head, rows }: Extract<Block, { kind: "table" }>): ReactNode => (
  <div className={classes.tableFrame}>
    <Table withTableBorder withColumnBorders verticalSpacing={4} w="auto">
      <Table.Thead>
        <Table.Tr>
          {head.map((cell, at) => (
            <Table.Th key={at} scope="col">
              {drawInline(cell)}
            </Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map((row, at) => (
          <Table.Tr key={at}>
            {row.map((cell, column) => (
              <Table.Td key={column}>{drawInline(cell)}</Table.Td>
            ))}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  </div>
);

function drawPart(part: Inline): ReactNode {
  switch (part.kind) {
    case "text":
      return part.text;
    case "code":
      return <Code>{part.text}</Code>;
    case "strong":
      return <strong>{drawInline(part.parts)}</strong>;
    case "emphasis":
      return <em>{drawInline(part.parts)}</em>;
    case "deleted":
      return <del>{drawInline(part.parts)}</del>;
    case "break":
      return <br />;
    case "link":
      return (
        <Anchor
          href={part.href}
          underline="always"
          inherit
          {...(isOwn(part.href) ? {} : { target: "_blank", rel: "noopener noreferrer nofollow" })}
        >
          {drawInline(part.parts)}
        </Anchor>
      );
  }
}

const isOwn = (href: string): boolean => href.startsWith("/") || href.startsWith("#");
