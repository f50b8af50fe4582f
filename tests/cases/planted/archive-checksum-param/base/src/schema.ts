import { z } from "zod";

export const uploadSchema = {
  path: z.string().describe("File to upload, relative to the workspace"),
  archive: z.string().describe("Name of the archive"),
  retentionDays: z.number().int().min(1).max(3650).default(365).describe("How long the archive keeps the file"),
};

export const listSchema = {
  archive: z.string().describe("Name of the archive"),
};
