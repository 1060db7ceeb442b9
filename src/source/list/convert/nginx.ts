import { AppError } from '../../../model/error.ts';
import { isEntry, readItem, writeItems, type Format } from './format.ts';

const END = 'deny all;';

/** https://nginx.org/en/docs/http/ngx_http_access_module.html */
export const NGINX: Format = {
  id: 'nginx',
  title: 'nginx',
  notes: [
    'put it into the location of the webhook; rules of a location take the place of those around it',
    'a return there answers before the rules are looked at',
    'behind a proxy of your own, set_real_ip_from and real_ip_header must restore the address of the caller',
  ],
  check: 'nginx -t',
  write: (items) => {
    const broadcast = items.find((item) => isEntry(item) && item.network.text === '255.255.255.255/32');
    if (broadcast !== undefined)
      throw new AppError('input', "nginx cannot read 255.255.255.255, which is nobody's address", {
        hint: `leave it out${broadcast.line === null ? '' : `: line ${broadcast.line}`}`,
      });
    return [...writeItems(items, '', ({ network }) => `allow ${network.text};`), END].join('\n');
  },
  readLine: (line) => readItem(line, /^allow\s+([^\s;#]+)\s*;\s*(#.*)?$/, [END]),
};
