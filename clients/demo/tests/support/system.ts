/** The whole system on this machine, with a slow model behind it, a cable before it, and its page. */

import type { BrowserContext } from "playwright-core";
import { Cable } from "./cable.ts";
import { startModel, type Model } from "./model.ts";
import { python, type Deployment } from "./system-up.ts";

export interface System {
  page: string;
  /** The directory of the local system. */
  state: string;
  /** Where the HTTP API and sockets are, through the cable. */
  httpUrl: string;
  websocketUrl: string;
  cable: Cable;
  model: Model;
  /** Let pages of the context reach the system through the cable, and nothing past it. */
  connect(context: BrowserContext): Promise<void>;
  /** A token as a back end would sign it. */
  token(userId: string): Promise<string>;
  /** Close a connection as the server does. */
  hangUp(connectionId: string): Promise<void>;
  end(): void;
}

/** Lay the cable and start the model of the deployment. */
export async function connectSystem({ state, endpoints, ports }: Deployment): Promise<System> {
  const cable = await Cable.lay(ports.cable, ports.emulator);
  const model = await startModel(ports.model);
  const cabled = (url: string) => url.replace(`:${ports.emulator}`, `:${ports.cable}`);
  const httpUrl = cabled(endpoints.http_url!);
  const page = endpoints.page_url!;
  return {
    page,
    state,
    httpUrl,
    websocketUrl: cabled(endpoints.websocket_url!),
    cable,
    model,
    async connect(context) {
      await context.route("**/framestream.json", (route) => route.fulfill({ json: { httpUrl } }));
    },
    token: (userId) => python("-m", "local", "token", "--user", userId, "--state", state),
    hangUp: (id) => hangUp(endpoints, id),
    end() {
      cable.end();
      model.close();
    },
  };
}

/** API Gateway's own DeleteConnection. */
async function hangUp(
  { websocket_url, aws_endpoint_url, region }: Record<string, string>,
  id: string,
): Promise<void> {
  const endpoint = aws_endpoint_url + new URL(websocket_url!).pathname;
  const program =
    "import boto3, sys; boto3.client('apigatewaymanagementapi', endpoint_url=sys.argv[1], region_name=sys.argv[2], " +
    "aws_access_key_id='test', aws_secret_access_key='test').delete_connection(ConnectionId=sys.argv[3])";
  await python("-c", program, endpoint, region!, id);
}
