import { Tabs } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMessages } from "#kit/messages";
import { PageHeader } from "../../kit/PageHeader.tsx";
import { HearPanel } from "./HearPanel.tsx";
import { messages } from "./messages.ts";
import { NamesPanel } from "./NamesPanel.tsx";
import { RecordingsPanel } from "./RecordingsPanel.tsx";
import { speechTabs, type SpeechSearch } from "./speech-search.ts";
import { WordsPanel } from "./WordsPanel.tsx";

/** How calls read texts out: hear, correct, replace. */
export function SpeechPage() {
  const m = useMessages(messages);
  const search = useSearch({ from: "/signed-in/o/$org/speech" });
  const navigate = useNavigate({ from: "/o/$org/speech" });
  const change = (part: Partial<SpeechSearch>): void =>
    void navigate({ search: { ...search, page: undefined, ...part }, replace: "text" in part });
  const setTab = (next: string | null): void => {
    const tab = speechTabs.find((one) => one === next);
    void navigate({ search: tab === "hear" ? {} : { tab } });
  };
  return (
    <>
      <PageHeader title={m.title} intro={m.intro} />
      <Tabs value={search.tab ?? "hear"} onChange={setTab} keepMounted={false}>
        <Tabs.List mb="md" aria-label={m.tabs}>
          <Tabs.Tab value="hear">{m.hear}</Tabs.Tab>
          <Tabs.Tab value="words">{m.words}</Tabs.Tab>
          <Tabs.Tab value="names">{m.names}</Tabs.Tab>
          <Tabs.Tab value="recordings">{m.recordings}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="hear">
          <HearPanel />
        </Tabs.Panel>
        <Tabs.Panel value="words">
          <WordsPanel />
        </Tabs.Panel>
        <Tabs.Panel value="names">
          <NamesPanel search={search} onChange={change} />
        </Tabs.Panel>
        <Tabs.Panel value="recordings">
          <RecordingsPanel />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}
