import type { Phase, Verdict } from "./probe-words.ts";

interface VerdictText {
  /** A few words. */
  readonly name: string;
  /** What it usually means and what to look at next, in a sentence or two. */
  readonly means: string;
}

/** What each verdict is called and usually means, for console, command line and alerts alike. */
export const verdictTexts: Readonly<Record<Verdict, { readonly en: VerdictText; readonly ja: VerdictText }>> = {
  ok: {
    en: { name: "works", means: "The way is open and the other side answers as it should." },
    ja: { name: "正常", means: "経路は通っており、相手は期待どおりに応答しています。" },
  },
  "name-unknown": {
    en: {
      name: "name does not resolve",
      means: "The name does not exist, or has no address of this kind. Check the spelling and the DNS zone, also from another place.",
    },
    ja: {
      name: "名前が引けない",
      means: "その名前は存在しないか、この種類のアドレスを持っていません。綴りと DNS ゾーンを、別の場所からも確認してください。",
    },
  },
  "name-unanswered": {
    en: {
      name: "name servers do not answer",
      means:
        "No name server answered in time. It is the resolver of the machine that probes, or the way to the zone's servers, not the target.",
    },
    ja: {
      name: "DNS が応答しない",
      means: "DNS サーバーから時間内に応答がありません。原因は対象ではなく、プローブ元のリゾルバーか、ゾーンのサーバーまでの経路です。",
    },
  },
  refused: {
    en: {
      name: "connection refused",
      means:
        "The machine is there, but nobody listens at this port, or a firewall refuses politely. Check that the service runs and which address it listens on.",
    },
    ja: {
      name: "接続拒否",
      means:
        "マシンには届いていますが、そのポートで待ち受けているものがないか、ファイアウォールが拒否を返しています。サービスの起動と待ち受けアドレスを確認してください。",
    },
  },
  unreachable: {
    en: {
      name: "unreachable",
      means:
        "A router or this machine itself says that there is no way there: a missing route, a network that is down, or a firewall that says no.",
    },
    ja: {
      name: "到達不能",
      means:
        "途中のルーターまたはプローブ元自身が「経路がない」と答えました。経路の欠落、ネットワークの停止、または拒否を返すファイアウォールです。",
    },
  },
  "connect-timed-out": {
    en: {
      name: "connection timed out",
      means:
        "Nobody said anything at all. Mostly a firewall that drops packets silently, a machine that is off, or a way back that is missing.",
    },
    ja: {
      name: "接続タイムアウト",
      means:
        "何の返事もありません。多くはパケットを黙って捨てるファイアウォール、電源の切れたマシン、または戻りの経路がないことが原因です。",
    },
  },
  "reset-on-accept": {
    en: {
      name: "reset right after connecting",
      means:
        "TCP opens, then a reset comes before a word was said. Something accepts and throws away at once: a firewall or filter by country or address between here and there, a proxy whose backend is down, or a service that refuses this address. Compare with another place.",
    },
    ja: {
      name: "接続直後にリセット",
      means:
        "TCP は開きますが、何も話さないうちにリセットされます。国や送信元アドレスで遮断する途中のファイアウォール・フィルター、背後が落ちているプロキシ、またはこのアドレスを拒むサービスです。別の場所からの結果と比べてください。",
    },
  },
  "reset-after-hello": {
    en: {
      name: "reset on the TLS hello",
      means:
        "TCP opens, and the first TLS message is answered with a reset. Typical of a filter that reads the server name or recognises the protocol (a VPN that connects from everywhere but one network), or of a server that does not expect TLS here.",
    },
    ja: {
      name: "TLS 開始時にリセット",
      means:
        "TCP は開きますが、最初の TLS メッセージにリセットが返ります。サーバー名やプロトコルを見て遮断するフィルター（特定の国・網からだけ VPN がつながらない場合の典型）か、ここで TLS を想定していないサーバーです。",
    },
  },
  "reset-after-request": {
    en: {
      name: "reset on the first request",
      means:
        "TCP opens, and the first request is answered with a reset. A filter that reads requests, a service that crashes on it, or another protocol is spoken there.",
    },
    ja: {
      name: "最初の要求でリセット",
      means:
        "TCP は開きますが、最初の要求にリセットが返ります。内容を見るフィルター、要求で落ちるサービス、または別のプロトコルのポートです。",
    },
  },
  "reset-after-bytes": {
    en: {
      name: "reset in the middle",
      means:
        "An answer began, then a reset came. A service that crashed while answering, a proxy that lost its backend, or a device on the way that cut the connection.",
    },
    ja: {
      name: "応答の途中でリセット",
      means: "応答が始まった後にリセットされました。応答中に落ちたサービス、背後を失ったプロキシ、または途中の機器による切断です。",
    },
  },
  "closed-on-accept": {
    en: {
      name: "closed without a word",
      means:
        "TCP opens and is closed in order, nothing was said. Access lists of the service (such as TCP wrappers), a full server, or a load balancer without healthy servers.",
    },
    ja: {
      name: "無言で切断",
      means:
        "TCP は開きますが、何も言わずに正常に閉じられました。サービスのアクセス制限（TCP Wrapper など）、満杯のサーバー、または正常な背後がないロードバランサーです。",
    },
  },
  "closed-early": {
    en: { name: "closed in the middle", means: "The connection was closed before the answer was whole. Look at the service's own log." },
    ja: { name: "途中で切断", means: "応答が終わる前に接続が閉じられました。サービス側のログを確認してください。" },
  },
  silent: {
    en: {
      name: "opens, then silence",
      means:
        "TCP opens, but nothing comes. The service hangs or is overloaded, or a device answers for it. A path whose large packets are lost (MTU) looks the same.",
    },
    ja: {
      name: "接続後に無応答",
      means:
        "TCP は開きますが何も返りません。サービスの停止・過負荷、または途中の機器が代わりに応答しています。大きいパケットだけが失われる経路（MTU）でも同じに見えます。",
    },
  },
  "tls-not-spoken": {
    en: {
      name: "no TLS there",
      means: "The answer to a TLS hello is no TLS. Mostly the wrong port, or a service that is not set up for TLS.",
    },
    ja: {
      name: "TLS ではない",
      means: "TLS の開始に対する応答が TLS ではありません。多くはポートの間違いか、TLS を設定していないサービスです。",
    },
  },
  "tls-version": {
    en: {
      name: "no common TLS version",
      means: "The other side speaks only versions of TLS that are no longer safe (or too new ones). Browsers of today refuse it, too.",
    },
    ja: {
      name: "TLS バージョン不一致",
      means: "相手は安全とされない古い（または新しすぎる）バージョンの TLS しか話しません。現在のブラウザーも拒否します。",
    },
  },
  "tls-alert": {
    en: {
      name: "TLS refused",
      means:
        "The other side refused TLS and said why: an unknown server name, a client certificate that it wants, ciphers that do not fit.",
    },
    ja: {
      name: "TLS が拒否された",
      means: "相手が理由を示して TLS を拒否しました。知らないサーバー名、クライアント証明書の要求、暗号方式の不一致などです。",
    },
  },
  "tls-broken": {
    en: {
      name: "TLS breaks",
      means: "TLS begins and then fails: keys that are too short, a damaged message, or a device that meddles with it.",
    },
    ja: { name: "TLS の失敗", means: "TLS は始まりますが途中で失敗します。短すぎる鍵、壊れたメッセージ、または介入する機器が原因です。" },
  },
  "certificate-expired": {
    en: {
      name: "certificate expired",
      means: "The certificate is no longer valid. Renew it, and make sure that the service was reloaded and serves the new one.",
    },
    ja: {
      name: "証明書の期限切れ",
      means: "証明書の有効期限が切れています。更新し、サービスを再読み込みして新しい証明書が使われていることを確認してください。",
    },
  },
  "certificate-not-yet-valid": {
    en: {
      name: "certificate not yet valid",
      means: "The certificate is for later. Mostly a clock that is wrong, here or where it was issued.",
    },
    ja: { name: "証明書がまだ有効でない", means: "証明書の有効期間が始まっていません。多くはプローブ元か発行側の時計のずれです。" },
  },
  "certificate-name": {
    en: {
      name: "certificate for another name",
      means:
        "The certificate does not hold this name. Another site answers here (a missing virtual host, the wrong server name), or the name was forgotten when it was issued.",
    },
    ja: {
      name: "証明書の名前違い",
      means:
        "証明書にこの名前がありません。別のサイトが応答している（バーチャルホストの設定漏れ、サーバー名の誤り）か、発行時に名前が漏れています。",
    },
  },
  "certificate-issuer": {
    en: {
      name: "issuer unknown",
      means:
        "Nobody here knows who issued it: the server does not send its intermediate certificate, or it is an own authority that the machine that probes does not trust. A device that opens TLS on the way looks the same.",
    },
    ja: {
      name: "発行者が不明",
      means:
        "発行者を確認できません。サーバーが中間証明書を送っていないか、プローブ元が信頼していない独自の認証局です。途中で TLS を開く機器があっても同じになります。",
    },
  },
  "certificate-self-signed": {
    en: {
      name: "self-signed certificate",
      means:
        "The certificate vouches for itself. A fresh installation's default, or a device that nobody gave one; anybody between could have made it.",
    },
    ja: {
      name: "自己署名証明書",
      means: "証明書が自分自身で署名されています。初期設定のままか、証明書を入れていない機器です。途中の誰でも作れるものです。",
    },
  },
  "certificate-wrong": {
    en: {
      name: "certificate not trusted",
      means: "The certificate is not trusted for another reason, such as a key that is too weak or a purpose that does not fit.",
    },
    ja: { name: "証明書が信頼できない", means: "鍵が弱い、用途が合わないなど、ほかの理由で証明書が信頼できません。" },
  },
  "protocol-wrong": {
    en: {
      name: "another protocol",
      means: "Something else is spoken there than was expected. Mostly the wrong port, or a proxy that answers in place of the service.",
    },
    ja: {
      name: "プロトコル違い",
      means: "想定と違うプロトコルが話されています。多くはポートの間違いか、サービスの代わりに応答するプロキシです。",
    },
  },
  "answer-wrong": {
    en: {
      name: "wrong answer",
      means: "The way is open and the protocol is right, but the answer is not the expected one. The service itself is the place to look.",
    },
    ja: { name: "応答が想定外", means: "経路もプロトコルも正常ですが、応答の内容が想定と違います。サービス自体を確認してください。" },
  },
  "no-reply": {
    en: {
      name: "no reply to ping",
      means: "Nothing came back. The machine is off, the way is interrupted, or pings are filtered: try a port that is known to be open.",
    },
    ja: {
      name: "ping に応答なし",
      means: "何も返ってきません。マシンの停止、経路の断、または ping の遮断です。開いているはずのポートも試してください。",
    },
  },
  "packet-loss": {
    en: { name: "packets are lost", means: "Some packets come back and others do not: an overloaded or faulty link, or a limit on pings." },
    ja: { name: "パケット損失", means: "一部のパケットしか返りません。回線の過負荷や不良、または ping の流量制限です。" },
  },
  "answer-timed-out": {
    en: {
      name: "answer takes too long",
      means: "The other side speaks, but was not done in time. It is slow or overloaded, or large packets are lost on the way (MTU).",
    },
    ja: {
      name: "応答が遅すぎる",
      means: "相手は応答していますが、時間内に終わりません。遅延・過負荷、または大きいパケットの損失（MTU）です。",
    },
  },
  "address-denied": {
    en: {
      name: "address not allowed",
      means:
        "The prober may not ask this address: this machine itself, its own wire, or a cloud's metadata service. The operator of the server or agent can allow it.",
    },
    ja: {
      name: "許可されていない宛先",
      means:
        "このアドレス（プローブ元自身、リンクローカル、クラウドのメタデータ）へのプローブは許可されていません。サーバーまたはエージェントの設定で許可できます。",
    },
  },
  "cannot-probe": {
    en: {
      name: "cannot probe",
      means: "It could not be asked: the prober lacks a program or a permission, or does not report. It says nothing about the target.",
    },
    ja: {
      name: "プローブできない",
      means: "プローブを実行できませんでした。プログラムや権限の不足、または報告の途絶です。対象の状態は分かりません。",
    },
  },
  cancelled: {
    en: { name: "cancelled", means: "It was ended before it was done." },
    ja: { name: "中断", means: "終わる前に中断されました。" },
  },
};

export const phaseTexts: Readonly<Record<Phase, { readonly en: string; readonly ja: string }>> = {
  resolve: { en: "Name look-up", ja: "名前解決" },
  connect: { en: "TCP connection", ja: "TCP 接続" },
  listen: { en: "Listening", ja: "相手の発言待ち" },
  greeting: { en: "Greeting", ja: "挨拶" },
  starttls: { en: "Agreement on TLS", ja: "STARTTLS" },
  tls: { en: "TLS handshake", ja: "TLS ハンドシェイク" },
  request: { en: "Request", ja: "要求の送信" },
  wait: { en: "First byte", ja: "最初の応答" },
  answer: { en: "Answer", ja: "応答" },
  query: { en: "DNS query", ja: "DNS の問い合わせ" },
  ping: { en: "Ping", ja: "ping" },
};
