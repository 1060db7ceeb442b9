import { curlCommand } from '../../deliver/curl-command.ts';
import { hideSecretHeader } from '../../model/header.ts';
import { secretsOf, type OpenTarget } from '../../flows/session/open-target.ts';
import type { Clock } from '../../model/clock.ts';
import type { Plan } from '../../model/plan.ts';
import { addressOf, eventQueryOf } from '../../plan/encode-body.ts';
import { signRequest } from '../../sign/signature.ts';
import { answer, answerJson } from '../terminal/output.ts';
import { plainText } from '../terminal/text.ts';

/** What would go out: as a curl command (`--curl`), as JSON, or as a request one can read. Sends nothing. */
export function showUnsent(
  plan: Plan,
  target: OpenTarget,
  flags: { curl?: boolean; json?: boolean },
  clock: Clock,
): void {
  const { secret, moreSecrets } = secretsOf(target);
  const request = signRequest(plan, secret, clock, moreSecrets);
  const headers = request.headers.map(hideSecretHeader);
  const address = addressOf(plan);
  // It is on the wire anyway, and no secret of the address.
  const eventQuery = eventQueryOf(request.url, address);
  const mark = address.search === '' ? '?' : '&';
  const url = eventQuery === '' ? target.shownUrl : `${target.shownUrl}${mark}${eventQuery}`;
  const curl = flags.curl ? curlCommand(request, { ...target.curl, eventQuery }) : undefined;
  if (flags.json) {
    answerJson({
      webhookUuid: plan.webhookUuid,
      vendor: plan.vendor.id,
      event: plan.event.name,
      eventId: plan.eventId,
      url,
      method: request.method,
      headers,
      bodyBase64: Buffer.from(request.body).toString('base64'),
      curl,
    });
  } else if (curl !== undefined) answer(curl);
  else {
    const { pathname, search, host } = new URL(url);
    const head = [
      `${request.method} ${pathname}${search} HTTP/1.1`,
      `Host: ${host}`,
      ...headers.map(([header, value]) => `${header}: ${value}`),
    ];
    answer(`${plainText(head.join('\n'))}\n\n${plainText(Buffer.from(request.body).toString('utf8'))}`);
  }
}
