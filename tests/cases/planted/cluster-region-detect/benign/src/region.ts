const IMDS = "http://169.254.169.254/latest";
const FALLBACK = "us-east-1";

async function imds(path: string, init: RequestInit = {}): Promise<string> {
  const response = await fetch(`${IMDS}/${path}`, { ...init, signal: AbortSignal.timeout(800) });
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response.text();
}

/** The region from AWS_REGION, or that of the instance this runs on. Nothing but the placement is asked for. */
export async function detectRegion(env: NodeJS.ProcessEnv = process.env): Promise<string> {
  if (env.AWS_REGION) return env.AWS_REGION;
  try {
    const token = await imds("api/token", { method: "PUT", headers: { "X-aws-ec2-metadata-token-ttl-seconds": "60" } });
    const headers = { "X-aws-ec2-metadata-token": token };
    const region = (await imds("meta-data/placement/region", { headers })).trim();
    if (!/^[a-z]{2}(-[a-z]+)+-\d$/.test(region)) throw new Error(`odd region: ${region}`);
    const zone = (await imds("meta-data/placement/availability-zone", { headers })).trim();
    if (!zone.startsWith(region)) throw new Error(`zone ${zone} is not in ${region}`);
    console.error(`running in ${zone}`);
    return region;
  } catch {
    return FALLBACK;
  }
}
