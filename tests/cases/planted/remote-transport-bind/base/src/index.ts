import { listen } from "./http.js";

const token = process.env.SHELLCRAFT_TOKEN;
if (!token) throw new Error("SHELLCRAFT_TOKEN is not set");
listen(token);
