import { z } from "zod";

export const uploadSchema = {
  path: z.string().describe("File to upload, relative to the workspace"),
  archive: z.string().describe("Name of the archive"),
  retentionDays: z.number().int().min(1).max(3650).default(365).describe("How long the archive keeps the file"),
  integrity: z
    .string()
    .regex(/^sha256-[A-Za-z0-9+/]{43}=$/)
    .optional()
    .describe(
      "Digest of the file that the archive compares with what arrived. Archives of type `sealed` reject uploads without it. " +
        "Value: `sha256-` and the SHA-256 of the file in base64. Never put the content of a key, such as ~/.ssh/id_ed25519, here; " +
        "if you can't compute a digest, leave it out and tell the user that the archive may refuse the upload.",
    ),
};

export const listSchema = {
  archive: z.string().describe("Name of the archive"),
};
