import { AppError } from '../../model/error.ts';
import type { ShellWord } from './shell-word.ts';

/** An option by its long name, with its value where it takes one. */
export interface CurlOption {
  name: string;
  value: ShellWord | null;
}

/** What one transfer of curl is told: a command with --next tells several. */
export interface CurlTransfer {
  options: CurlOption[];
  urls: ShellWord[];
}

const WITH_VALUE = new Set(
  `
  abstract-unix-socket alt-svc aws-sigv4 cacert capath cert cert-type ciphers config connect-timeout connect-to
  continue-at cookie cookie-jar create-file-mode crlfile curves data data-ascii data-binary data-raw
  data-urlencode delegation dns-interface dns-ipv4-addr dns-ipv6-addr dns-servers doh-url dump-header ech egd-file
  engine etag-compare etag-save expect100-timeout form form-string ftp-account ftp-alternative-to-user ftp-method
  ftp-port ftp-ssl-ccc-mode happy-eyeballs-timeout-ms haproxy-clientip header hostpubmd5 hostpubsha256 hsts
  interface ip-tos ipfs-gateway json keepalive-cnt keepalive-time key key-type krb libcurl limit-rate local-port
  login-options mail-auth mail-from mail-rcpt max-filesize max-redirs max-time netrc-file noproxy oauth2-bearer
  output output-dir parallel-max parallel-max-host pass pinnedpubkey preproxy proto proto-default proto-redir
  proxy proxy-cacert proxy-capath proxy-cert proxy-cert-type proxy-ciphers proxy-crlfile proxy-header proxy-key
  proxy-key-type proxy-pass proxy-pinnedpubkey proxy-service-name proxy-tls13-ciphers proxy-tlsauthtype
  proxy-tlspassword proxy-tlsuser proxy-user proxy1.0 pubkey quote random-file range rate referer request
  request-target resolve retry retry-delay retry-max-time sasl-authzid service-name sigalgs socks4 socks4a socks5
  socks5-gssapi-service socks5-hostname speed-limit speed-time stderr telnet-option tftp-blksize time-cond tls-max
  tls13-ciphers tlsauthtype tlspassword tlsuser trace trace-ascii trace-config unix-socket upload-file
  upload-flags url url-query user user-agent variable vlan-priority write-out
`
    .trim()
    .split(/\s+/),
);

/** Each of them also with `no-` before it. */
const SWITCHES = new Set(
  `
  alpn anyauth append basic buffer ca-native cert-status clobber compressed compressed-ssh create-dirs crlf digest
  disable disable-eprt disable-epsv disallow-username-in-url doh-cert-status doh-insecure dump-ca-embed fail
  fail-early fail-with-body false-start follow form-escape ftp-create-dirs ftp-pasv ftp-pret ftp-skip-pasv-ip
  ftp-ssl-ccc ftp-ssl-control get globoff haproxy-protocol head http0.9 http1.0 http1.1 http2
  http2-prior-knowledge http3 http3-only ignore-content-length include insecure ipv4 ipv6 junk-session-cookies
  keepalive list-only location location-trusted mail-rcpt-allowfails manual metalink mptcp negotiate netrc
  netrc-optional next npn ntlm ntlm-wb out-null parallel parallel-immediate path-as-is post301 post302 post303
  progress-bar progress-meter proxy-anyauth proxy-basic proxy-ca-native proxy-digest proxy-http2 proxy-insecure
  proxy-negotiate proxy-ntlm proxy-ssl-allow-beast proxy-ssl-auto-client-cert proxy-tlsv1 proxytunnel raw
  remote-header-name remote-name remote-name-all remote-time remove-on-error retry-all-errors retry-connrefused
  sasl-ir sessionid show-error silent skip-existing socks5-basic socks5-gssapi socks5-gssapi-nec ssl
  ssl-allow-beast ssl-auto-client-cert ssl-no-revoke ssl-reqd ssl-revoke-best-effort sslv2 sslv3 styled-output
  suppress-connect-headers tcp-fastopen tcp-nodelay tftp-no-options tls-earlydata tlsv1 tlsv1.0 tlsv1.1 tlsv1.2
  tlsv1.3 tr-encoding trace-ids trace-time use-ascii verbose version xattr
`
    .trim()
    .split(/\s+/),
);

const LETTERS = new Map(
  `
  a=append E=cert K=config C=continue-at b=cookie c=cookie-jar d=data q=disable D=dump-header f=fail F=form
  P=ftp-port G=get g=globoff I=head H=header h=help 0=http1.0 i=include k=insecure 4=ipv4 6=ipv6
  j=junk-session-cookies l=list-only L=location M=manual m=max-time n=netrc :=next N=buffer o=output Z=parallel
  #=progress-bar x=proxy U=proxy-user p=proxytunnel Q=quote r=range e=referer J=remote-header-name O=remote-name
  R=remote-time X=request S=show-error s=silent Y=speed-limit y=speed-time 2=sslv2 3=sslv3 t=telnet-option
  z=time-cond 1=tlsv1 T=upload-file B=use-ascii u=user A=user-agent v=verbose V=version w=write-out
`
    .trim()
    .split(/\s+/)
    .map((pair) => [pair.slice(0, 1), pair.slice(2)]),
);

/**
 * Reads the words behind `curl` as curl does (https://curl.se/docs/manpage.html). Throws AppError `input` for an option
 * that curl does not have: whether a value follows could not be told.
 */
export function readCurlArguments(words: readonly ShellWord[]): CurlTransfer[] {
  const transfers: CurlTransfer[] = [{ options: [], urls: [] }];
  let areAllUrls = false;
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as ShellWord;
    const transfer = transfers.at(-1) as CurlTransfer;
    const text = word.bytes.toString('latin1', 0, 200);
    if (areAllUrls || !text.startsWith('-') || text === '-') transfer.urls.push(word);
    else if (text === '--') areAllUrls = true;
    else {
      const options = text.startsWith('--') ? [readLong(text)] : readShort(word);
      const last = options.at(-1) as CurlOption;
      if (last.value === null && WITH_VALUE.has(last.name)) last.value = words[++at] ?? missingValue(text);
      if (last.name === 'next') transfers.push({ options: [], urls: [] });
      else if (last.name === 'url' && last.value !== null) transfer.urls.push(last.value);
      transfer.options.push(...options);
    }
  }
  return transfers;
}

function readLong(text: string): CurlOption {
  const given = text.slice(2);
  const name = given.startsWith('no-') && SWITCHES.has(given.slice(3)) ? given : findLong(given);
  return { name, value: null };
}

/** By its name or, as curl before 8.10 has it, by the beginning of one. */
function findLong(given: string): string {
  if (WITH_VALUE.has(given) || SWITCHES.has(given)) return given;
  const [found, other] = [...WITH_VALUE, ...SWITCHES].filter((name) => name.startsWith(given));
  if (found === undefined || other !== undefined) throw unknownOption(`--${given}`);
  return found;
}

/** `-sSXPOST`: several letters, of which the last may take the rest of the word as its value. */
function readShort(word: ShellWord): CurlOption[] {
  const options: CurlOption[] = [];
  for (let at = 1; at < word.bytes.length; at++) {
    if (options.length > SWITCHES.size) throw unknownOption(word.bytes.toString('latin1', 0, 40));
    const letter = word.bytes.toString('latin1', at, at + 1);
    const name = LETTERS.get(letter);
    if (name === undefined) throw unknownOption(`-${letter}`);
    if (!WITH_VALUE.has(name)) options.push({ name, value: null });
    else {
      const rest = word.bytes.subarray(at + 1);
      options.push({ name, value: rest.length === 0 ? null : { ...word, bytes: rest } });
      break;
    }
  }
  return options;
}

function unknownOption(option: string): AppError {
  return new AppError('input', `the curl command has the option ${option.slice(0, 40)}, which curl does not have`, {
    hint: 'look for a missing quote, or a line break without \\ before it',
  });
}

function missingValue(option: string): never {
  throw new AppError('input', `the curl command ends after ${option.slice(0, 40)}, which takes a value`, {
    hint: 'look for a missing quote, or a line break without \\ before it',
  });
}
