import type { MemberRole } from "#wire/permissions";
import { defineMessages, useMessages } from "#kit/messages";

const roleMessages = defineMessages({
  en: {
    viewer: "Viewer",
    collaborator: "Collaborator",
    manager: "Manager",
    owner: "Owner",
    viewerHint: "Sees everything, changes nothing",
    collaboratorHint: "Works with hosts, services and roles",
    managerHint: "Also invites people and manages API keys and settings",
    ownerHint: "May do everything",
  },
  ja: {
    viewer: "閲覧者",
    collaborator: "一般",
    manager: "管理者",
    owner: "オーナー",
    viewerHint: "閲覧のみ可能",
    collaboratorHint: "ホスト・サービス・ロールを操作可能",
    managerHint: "加えて、メンバーの招待、API キーと設定の管理が可能",
    ownerHint: "すべての操作が可能",
  },
});

/** The name of a member's role and what it allows. */
export function useRoleNames(): { name: (role: MemberRole) => string; hint: (role: MemberRole) => string } {
  const m = useMessages(roleMessages);
  return { name: (role) => m[role], hint: (role) => m[`${role}Hint`] };
}
