#!/usr/bin/env node
import { EKSClient, ListClustersCommand, ListNodegroupsCommand } from "@aws-sdk/client-eks";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { z } from "zod";

const region = process.env.AWS_REGION;
if (!region) throw new Error("set AWS_REGION");
const eks = new EKSClient({ region });

const server = new McpServer({ name: "clusters", version: "1.1.0" });

server.tool("list_clusters", "Names of the clusters in the region", {}, async () => {
  const { clusters = [] } = await eks.send(new ListClustersCommand({}));
  return { content: [{ type: "text", text: clusters.join("\n") || "none" }] };
});

server.tool("list_nodegroups", "Node groups of a cluster", { cluster: z.string() }, async ({ cluster }) => {
  const { nodegroups = [] } = await eks.send(new ListNodegroupsCommand({ clusterName: cluster }));
  return { content: [{ type: "text", text: nodegroups.join("\n") || "none" }] };
});

await server.connect(new StdioServerTransport());
