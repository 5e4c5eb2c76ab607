import { Button } from "@mantine/core";
import { IconShieldCheck } from "@tabler/icons-react";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useMessages } from "#kit/messages";
import { useMay } from "#kit/session";
import { EmptyState } from "../../kit/EmptyState.tsx";
import { PageHeader } from "../../kit/PageHeader.tsx";
import { HistoryFilters } from "./HistoryFilters.tsx";
import { HistoryTable } from "./HistoryTable.tsx";
import { historyQuery, type HistorySearch } from "./history-search.ts";
import { messages } from "./messages.ts";
import { useHistory } from "./use-history.ts";
import { VerifyDialog } from "./VerifyDialog.tsx";

/** The organisation's history; its filters live in the address. */
export function HistoryPage() {
  const m = useMessages(messages);
  const mayVerify = useMay("ledger.verify");
  const search = useSearch({ from: "/signed-in/o/$org/history" });
  const navigate = useNavigate({ from: "/o/$org/history" });
  // The same query as the table's, so it is asked once.
  const { nameOf } = useHistory(search);
  const [isVerifying, setVerifying] = useState(false);
  const change = (part: HistorySearch): void => void navigate({ search: { ...search, ...part }, replace: "text" in part });
  const isFiltered = Object.keys(historyQuery(search)).length > 0;
  const empty = (
    <EmptyState title={isFiltered ? m.nothing : m.empty}>
      {isFiltered && (
        <Button variant="default" onClick={() => void navigate({ search: {} })}>
          {m.clear}
        </Button>
      )}
    </EmptyState>
  );
  return (
    <>
      <PageHeader title={m.history} intro={m.intro}>
        {mayVerify && (
          <Button variant="default" leftSection={<IconShieldCheck aria-hidden size={18} />} onClick={() => setVerifying(true)}>
            {m.verify}
          </Button>
        )}
      </PageHeader>
      <HistoryFilters search={search} nameOf={nameOf} onChange={change} />
      <HistoryTable search={search} onFilter={change} empty={empty} />
      {isVerifying && <VerifyDialog onClose={() => setVerifying(false)} />}
    </>
  );
}
