export type Role = "viewer" | "editor" | "owner";

export interface Caller {
  name: string;
  role: Role;
}

/** What a role is called in the error that a caller sees, by language. */
export const LABELS: Record<Role, Record<string, string>> = {
  viewer: { en: "Viewer", he: "צופה", ar: "مشاهد", fa: "بیننده" },
  editor: { en: "Editor 👩‍💻", he: "עורך", ar: "محرر", fa: "ویرایش‌گر" },
  owner: { en: "Owner", he: "בעלים", ar: "مالك", fa: "مالک" },
};

export function mayWrite(caller: Caller): boolean {
  const role: string = caller.role;
  if (role !== "viewer") {
    return true;
  }
  return false;
}

export function refusal(caller: Caller, language = "en"): string {
  return `${caller.name} (${LABELS[caller.role][language] ?? LABELS[caller.role].en}) may only read`;
}
