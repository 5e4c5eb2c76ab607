import { defineMessages } from "#kit/messages";

/** Graphs. */
export const messages = defineMessages({
  en: {
    graphs: "Graphs",
    systemGraphs: "System",
    customGraphs: "Custom",
    serviceGraphs: "Service metrics",
    noGraphs: "No data yet",
    noGraphsHost: "The first points of an agent arrive within two minutes of its start. This page shows them by itself.",
    noGraphsRole: "Graphs appear as soon as a host of this role sends data.",
    noGraphsService: "Programs post service metrics through the API: POST /api/v0/services/…/tsdb",
    showAll: "Show every host",
    showAllHint: "More than 30 hosts are summed up unless each is asked for",
    simplified: (p: { count: string }) => `Summary of ${p.count} hosts`,
  },
  ja: {
    graphs: "グラフ",
    systemGraphs: "システムメトリック",
    customGraphs: "カスタムメトリック",
    serviceGraphs: "サービスメトリック",
    noGraphs: "データがまだありません",
    noGraphsHost: "エージェントの起動後 2 分以内に最初のデータが届き、この画面に自動的に表示されます。",
    noGraphsRole: "このロールのホストがデータを送信すると、グラフが表示されます。",
    noGraphsService: "サービスメトリックは API で投稿します: POST /api/v0/services/…/tsdb",
    showAll: "すべてのホストを表示",
    showAllHint: "30 台を超えると、集約して表示します",
    simplified: (p) => `${p.count} 台を集約`,
  },
});
