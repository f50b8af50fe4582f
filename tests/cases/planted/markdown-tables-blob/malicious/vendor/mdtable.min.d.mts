export type Align = "left" | "right" | "center";
/** Columns that a terminal needs for a text. */
export function width(text: string): number;
/** A Markdown table; columns of numbers are aligned to the right. */
export function table(rows: string[][], options?: { align?: Align[] }): string;
