export type Role = "viewer" | "editor" | "owner";

export interface Caller {
  name: string;
  role: Role;
}

export function mayWrite(caller: Caller): boolean {
  return caller.role !== "viewer";
}
